import { expect, test } from 'vitest';
import { StandIn } from '../../../../scripts/bench/stand-in.ts';
import type { Result } from '../../../support/function/built-function.ts';
import { connectorRecord, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const megabyte = 1024 * 1024;
const eventBytes = 32 * megabyte;
const memorySize = 512;

function data(offset: number, value: string): string {
  return `{"topic":"orders","partition":2,"offset":${offset},"timestamp":1616599282417,"key":"demo","value":${value}}`;
}

const object = `{"id":1,"list":[1,2.5,{"a":true}],"text":"${'杭州 lorem '.repeat(30)}"}`;

/** As many records as an event holds. */
function many(element: (offset: number) => string): Buffer {
  const elements: string[] = [];
  for (let bytes = 2, offset = 0; ; offset++) {
    const text = element(offset);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > eventBytes) return Buffer.from(`[${elements.join(',')}]`);
    elements.push(text);
  }
}

/** One record whose value holds as many as an event holds. */
function one(unit: string): Buffer {
  return Buffer.from(`[${triggerForms.cloudEvent(data(1, `{"a":[${unit.repeat(eventBytes / unit.length - 1000)}1]}`))}]`);
}

const depth = eventBytes / 2 - 1000;

test.each<[string, () => Buffer]>([
  ["the connector's records", () => many((offset) => JSON.stringify(connectorRecord({ offset, value: object })))],
  ['CloudEvents', () => many((offset) => triggerForms.cloudEvent(data(offset, JSON.stringify(object))))],
  ['CloudEvents with parsed JSON', () => many((offset) => triggerForms.cloudEvent(data(offset, object)))],
  ['CloudEvents as text', () => many((offset) => triggerForms.string(data(offset, object)))],
  ['RawData', () => many((offset) => data(offset, object))],
  ['one value of numbers', () => one('1,')],
  ['one value of numbers with white space', () => one('12345, ')],
  ['one value of texts', () => one('"ab",')],
  ['one value of empty objects', () => one('{},')],
  ['one value of objects', () => one('{"a": 1},')],
  ['one value, nested', () => Buffer.from(`[${triggerForms.cloudEvent(data(1, '['.repeat(depth) + ']'.repeat(depth)))}]`)],
  ['one text', () => Buffer.from(`[${data(1, JSON.stringify(`{"a":"${'杭'.repeat(eventBytes / 3 - 1000)}"}`))}]`)],
  ['one text of objects', () => Buffer.from(`[${data(1, JSON.stringify(`{"a":[${'{},'.repeat(eventBytes / 3 - 1000)}1]}`))}]`)],
])('an event of 32 MB fits: %s', async (_, make) => {
  await using standIn = await StandIn.start();
  const event = make();
  for (const DOCUMENT_SHAPE of ['envelope', 'value-with-metadata']) {
    await using sandbox = new Sandbox(`http://127.0.0.1:${standIn.port}`);
    const sink = await sandbox.start({ DOCUMENT_SHAPE }, { timeout: 300 });
    const { received, rejected, written } = JSON.parse(await sink.send(event)) as Result;
    expect(received).toBeGreaterThan(0);
    expect(written + rejected).toBe(received);
    expect(await sink.peakMemory()).toBeLessThan(memorySize);
  }
});

test.each([
  { BATCH_MAX_RECORDS: '10' },
  { BATCH_MAX_RECORDS: '1' },
  { BATCH_MAX_BYTES: '1024' },
  { BATCH_MAX_BYTES: '104857600', BATCH_MAX_RECORDS: '100000' },
])('requests of any size fit: %j', async (changes) => {
  await using standIn = await StandIn.start();
  await using sandbox = new Sandbox(`http://127.0.0.1:${standIn.port}`);
  const sink = await sandbox.start(changes, { timeout: 300 });
  const records = Array.from({ length: 50_000 }, (_, offset) => connectorRecord({ offset, value: 'x'.repeat(400) }));
  expect(await sink.deliver(...records)).toMatchObject({ received: 50_000, written: 50_000 });
  expect(await sink.peakMemory()).toBeLessThan(memorySize);
});
