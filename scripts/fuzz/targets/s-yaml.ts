import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printableLines } from '../../../shared/printable.ts';
import { runCommand } from '../../connector/component.ts';
import { unknownInstances } from '../../connector/config/brokers.ts';
import { environmentOf, revealSecrets } from '../../connector/config/environment.ts';
import { markOf, namesOf } from '../../connector/config/names.ts';
import { readProps } from '../../connector/config/props.ts';
import { canary } from '../hostile-text.ts';
import { fuzzTarget } from '../target.ts';
import { mutated } from './hostile-values.ts';

/** Every kind of property, right. */
const whole = {
  region: 'cn-hangzhou',
  name: 'orders',
  kafka: {
    instanceId: 'alikafka_post-cn-1',
    topic: 'orders',
    consumerThreads: 6,
    initialPosition: 'earliest',
    resources: 'auto',
    connectorTopics: 'auto',
    deadLetterTopic: 'connect-error-orders',
    bootstrapServers: 'broker:9092',
    securityProtocol: 'SASL_SSL',
    saslMechanism: 'PLAIN',
    username: 'user',
    password: canary,
  },
  elasticsearch: {
    endpoint: 'elasticsearch',
    port: 9200,
    protocol: 'http',
    username: 'elastic',
    password: canary,
    index: 'orders-{yyyy.MM.dd}',
  },
  onFailure: 'continue',
  document: { shape: 'value', id: 'position', idPrefix: 'p', writeMode: 'index', nullValue: 'skip', routing: 'none', createIndex: true },
  function: {
    api: '2.0',
    memorySize: 512,
    timeout: 60,
    role: 'AliyunFCDefaultRole',
    environmentVariables: { LOG_LEVEL: 'info', BATCH_MAX_RECORDS: '1000' },
    vpcConfig: { vpcId: 'vpc-1', vSwitchIds: ['vsw-1'], securityGroupId: 'sg-1' },
    logConfig: { project: 'project', logstore: 'store' },
  },
  trigger: {
    eventSchema: 'CloudEvents',
    batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 1 },
    retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' },
    deadLetterQueue: { Arn: 'acs:alikafka:cn-hangzhou:1:instance/alikafka_post-cn-1/topic/connect-error-orders' },
  },
};
const least = {
  kafka: { instanceId: 'alikafka_post-cn-1', topic: 'orders' },
  elasticsearch: { endpoint: 'elasticsearch', index: 'orders', password: canary },
};

/** As YAML's parser gives properties: `__proto__` is one of their own. */
const props = fc
  .constantFrom(whole, least)
  .chain((valid) => fc.tuple(mutated(valid), yamlOddity))
  .map(([text, odd]) => ({ text, odd }));

/** What YAML has and JSON has not. */
const yamlOddity = fc.constantFrom('none', 'none', 'none', 'date', 'bytes', 'circle', 'aliases', 'not a number');

/** Any s.yaml is refused with what is wrong, where, and what is allowed, or becomes a function's settings; it never ends a command otherwise, and no password is told. */
export default fuzzTarget({
  name: 's-yaml',
  module: import.meta.url,
  weight: 3,
  inputs: props,
  open: async () => ({ check, [Symbol.asyncDispose]: async () => undefined }),
});

interface Input {
  readonly text: string;
  readonly odd: string;
}

async function check({ odd, text }: Input): Promise<void> {
  const value = withOddity(text === '' ? undefined : JSON.parse(text), odd);
  const accepted = errorOf(() => readProps(value));
  if (accepted !== undefined) checkMessage(accepted, /^s\.yaml: properties are wrong\.(\n {2}\S[^\n]*: [^\n]+)+$/);
  else checkSettings(value);
  const refused = await runCommand('plan', { props: value, args: [], getCredential: async () => ({}) }).then(
    () => 'it runs without credentials',
    (error: unknown) => messageOf(error),
  );
  checkMessage(refused, accepted === undefined ? /^There are no credentials/ : /^s\.yaml: properties are wrong/);
  assert.equal(refused, printableLines(refused), 'the message drives terminals');
}

/** What is accepted has names, and settings that the function takes, or their faults. */
function checkSettings(value: unknown): void {
  const accepted = readProps(value);
  markOf(accepted);
  const fault = errorOf(() => revealSecrets(environmentOf(accepted, namesOf(accepted, '1234567890123456'), unknownInstances)));
  if (fault !== undefined) checkMessage(fault, /^([^\s:][^\n:]*: [^\n]+(\n|$))+$/);
}

function errorOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  assert.ok(error instanceof Error, 'what is thrown is no error');
  assert.ok(
    !/^(Type|Range|Reference|Syntax)Error$/.test(error.name) && !/Maximum call stack|Cannot (read|convert)/.test(error.message),
    error.stack,
  );
  return error.message;
}

function checkMessage(message: string, form: RegExp): void {
  // A password may be a word, or a blank, of which the message has more.
  if (!message.includes('***')) assert.match(message, form);
  assert.ok(!message.includes(canary), 'the message tells a password');
  assert.ok(message.length < maxMessageLength, `the message has ${message.length} characters`);
}

const maxMessageLength = 100_000;

function withOddity(value: unknown, odd: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (odd === 'date') return { ...value, region: new Date(0) };
  if (odd === 'bytes') return { ...value, name: new Uint8Array([1, 2, 3]) };
  if (odd === 'not a number') return { ...value, function: { timeout: Number.NaN } };
  if (odd === 'aliases') return { ...value, document: aliases() };
  if (odd !== 'circle') return value;
  const circle: { self?: object } = {};
  circle.self = circle;
  return { ...value, trigger: circle };
}

/** Each list names the next ten times: https://en.wikipedia.org/wiki/Billion_laughs_attack */
function aliases(): object {
  let list: readonly unknown[] = ['lol'];
  for (let depth = 0; depth < 9; depth += 1) list = Array.from({ length: 10 }, () => list);
  return { lists: list };
}
