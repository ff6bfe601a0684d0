// What an attacker who can write to the topic, or call the function, may send: it must cost no more than its bytes.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseStat } from '../../../../scripts/bench/process-tree.ts';
import { StandIn } from '../../../../scripts/bench/stand-in.ts';
import { BuiltFunction, type Result } from '../../../support/function/built-function.ts';
import { environment } from '../../../support/function/environment.ts';
import { connectorRecord, triggerForms } from '../../../support/function/records.ts';

const megabyte = 1024 * 1024;
const eventBytes = 32 * megabyte;
/** In MB, of the whole process. */
const memorySize = 512;

let standIn: StandIn;
beforeAll(async () => {
  standIn = await StandIn.start();
});
afterAll(() => standIn[Symbol.asyncDispose]());

/** JSON, or nearly, of so many units. */
type Payload = (units: number) => string;
/** Where it stands in an event. */
type Place = (payload: string) => string;

const data = (value: string) => `{"topic":"orders","partition":2,"offset":7,"timestamp":1616599282417,"key":"demo","value":${value}}`;
const withMember = (name: string, payload: string) => `{"topic":"orders","partition":2,"offset":7,"${name}":${payload},"value":{"a":1}}`;

const places: { readonly [name: string]: Place } = {
  'the event': (payload) => payload,
  'an element': (payload) => `[${payload}]`,
  "the connector's text value": (payload) => `[${JSON.stringify(connectorRecord({ value: `{"a":${payload}}` }))}]`,
  'parsed JSON in a CloudEvent': (payload) => `[${triggerForms.cloudEvent(data(`{"a":${payload}}`))}]`,
  'a text of a CloudEvent': (payload) => `[${triggerForms.string(data(`{"a":${payload}}`))}]`,
  'the value itself': (payload) => `[${triggerForms.cloudEvent(data(payload))}]`,
  'a topic': (payload) => `[{"topic":${payload},"partition":2,"offset":7}]`,
  'a key': (payload) => `[${triggerForms.cloudEvent(withMember('key', payload))}]`,
  'another member': (payload) => `[${withMember('another', payload)}]`,
  'a command': (payload) => `{"command":"check","more":${payload}}`,
};

const nested =
  (open: string, close: string): Payload =>
  (units) =>
    `${open.repeat(units)}1${close.repeat(units)}`;

const deep: { readonly [name: string]: string } = {
  arrays: nested('[', ']')(100_000),
  objects: nested('{"a":', '}')(100_000),
  'objects in arrays': nested('[{"a":', '}]')(50_000),
  'arrays that never end': '['.repeat(100_000),
  'an object of arrays': `{"a":${nested('[', ']')(100_000)}}`,
  'an object of objects': `{"a":1,"b":${nested('{"a":', '}')(100_000)}}`,
};

const names = (prefix: string, count: number) =>
  `{"a":1${Array.from({ length: count }, (_, number) => `,"${prefix}${number.toString(36).padStart(6, '0')}":1`).join('')}}`;

const large: { readonly [name: string]: Payload } = {
  'one string': (units) => `"${'x'.repeat(units)}"`,
  'opening brackets': (units) => '['.repeat(units),
  'opening braces': (units) => '{"a":'.repeat(units),
  backslashes: (units) => `"${'\\\\'.repeat(units)}"`,
  'backslashes that end nothing': (units) => `"${'\\'.repeat(units)}`,
  quotes: (units) => '"'.repeat(units),
  'escaped quotes': (units) => `"${'\\"'.repeat(units)}"`,
  digits: (units) => `1${'7'.repeat(units)}`,
  'empty objects': (units) => `[{}${',{}'.repeat(units)}]`,
  'empty texts': (units) => `[""${',""'.repeat(units)}]`,
  'one name repeated': (units) => `{"a":1${',"a":1'.repeat(units)}}`,
  "a record's name repeated": (units) => `{"topic":"orders"${',"topic":"a"'.repeat(units)}}`,
  'names of data repeated': (units) => `{"data":{}${',"data":{}'.repeat(units)}}`,
  'different names': (units) => names('', units),
  'different names of metadata': (units) => names('kafka.', units),
  'white space': (units) => `${' '.repeat(units)}{}`,
  'line breaks': (units) => `[${'\n'.repeat(units)}1]`,
  'three-byte characters': (units) => `"${'杭'.repeat(units)}"`,
  'half characters': (units) => `"${'\\ud800'.repeat(units)}"`,
  'control characters': (units) => `"${'\\u001b'.repeat(units)}"`,
  'backslashes before an escape': (units) => `"${'\\\\'.repeat(units)}\\u0041"`,
  nested: nested('[', ']'),
};

/** The event of at most so many bytes. */
function eventOf(place: Place, payload: Payload, bytes: number): Buffer {
  const sizeOf = (units: number) => Buffer.byteLength(place(payload(units)));
  const perUnit = (sizeOf(2000) - sizeOf(1000)) / 1000;
  return Buffer.from(place(payload(Math.floor((bytes - 1000) / perUnit))));
}

const shapes = ['envelope', 'value', 'value-with-metadata'];

async function start(DOCUMENT_SHAPE: string): Promise<BuiltFunction> {
  return BuiltFunction.start(environment({ ES_ENDPOINT: standIn.url, DOCUMENT_SHAPE }), { timeout: 300 });
}

/** CPU in ms that its process has taken. */
async function cpuOf({ pid }: BuiltFunction): Promise<number> {
  return parseStat(await readFile(`/proc/${pid}/stat`, 'utf8')).cpuMs;
}

/** Resolves to what it took, in ms of CPU; throws unless the function says what became of it and lives on. */
async function send(sink: BuiltFunction, event: Buffer): Promise<number> {
  const before = await cpuOf(sink);
  const outcome = await sink.send(event).then(
    (text) => JSON.parse(text) as Result,
    (error: { readonly fault: object }) => error.fault,
  );
  expect(outcome).toSatisfy(isSound);
  expect(sink.isRunning).toBe(true);
  return (await cpuOf(sink)) - before;
}

function isSound(outcome: object): boolean {
  if ('errorType' in outcome) return outcome.errorType === 'EventInvalid';
  if ('checks' in outcome) return true;
  const { received, rejected, written } = outcome as Result;
  return received > 0 && written + rejected === received;
}

test.each(shapes.flatMap((shape) => Object.keys(places).map((place) => [shape, place] as const)))(
  'JSON nested 100,000 deep is rejected, refused or written (%s): as %s',
  async (shape, place) => {
    await using sink = await start(shape);
    for (const what of Object.values(deep)) await send(sink, Buffer.from(places[place]?.(what) ?? ''));
    expect(await sink.peakMemory()).toBeLessThan(memorySize);
  },
);

/** The least that a comparison makes sense of, in ms. */
const leastCpu = 50;

test.each(Object.keys(places).flatMap((place) => Object.keys(large).map((what) => [what, place] as const)))(
  '32 MB fit, and take no longer than their bytes: %s as %s',
  async (what, place) => {
    await using sink = await start('value-with-metadata');
    const [wrap, payload] = [places[place] as Place, large[what] as Payload];
    const quarter = await send(sink, eventOf(wrap, payload, eventBytes / 4));
    const whole = await send(sink, eventOf(wrap, payload, eventBytes));
    expect(whole).toBeLessThan(12 * Math.max(quarter, leastCpu));
    expect(await sink.peakMemory()).toBeLessThan(memorySize);
  },
);
