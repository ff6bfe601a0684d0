import { isUtf8 } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordRejectedMessage } from '../../../../shared/log-events.ts';
import { formatPosition, type Position } from '../../../../shared/position.ts';
import { readInput } from '../../../terminal/input.ts';
import { runTask } from '../../../terminal/tasks.ts';
import { addressOf } from '../../config/brokers.ts';
import { type Context, openContext } from '../../config/context.ts';
import { environmentIn } from '../../config/environment.ts';
import { type DeployedConnector, findConnector, isRunningNow } from '../../running/connector.ts';
import { readProgress } from '../../running/lag.ts';
import { positionIn, readLog } from '../../running/log.ts';
import { type Arguments, readInteger } from '../arguments.ts';
import type { Command, Result } from '../command.ts';
import { sendBurst } from './burst.ts';
import { findDocumentThroughFunction, produce, type TestMessage } from './function-commands.ts';
import { kcatCommand } from './kcat.ts';

const documentLimitMs = 60_000;
const pollMs = 1000;
const lookBackSeconds = 120;
const maxMessages = 1_000_000;

export const message: Command = {
  summary: 'Send a test message to the topic, and wait for its document',
  options: {
    key: { type: 'string', short: 'k', description: 'key; none when left out' },
    content: { type: 'string', short: 'c', description: 'content' },
    file: { type: 'string', short: 'f', description: 'a file with the content; - is standard input' },
    partition: { type: 'string', short: 'p', description: 'partition; when left out, the key decides' },
    count: { type: 'string', short: 'n', description: 'send it as often, and wait until all have been delivered' },
    print: { type: 'string', description: 'docker: print a command that sends the same with kcat, and send nothing' },
  },
  run: async (inputs, { values }) => {
    const sent = readMessage(values);
    const count = readInteger(values.count, '--count', 1, maxMessages);
    if (values.print !== undefined) requirePrintable(values.print, count);
    const context = await openContext(inputs);
    if (values.print !== undefined) return print(sent, context);
    const connector = await findConnector(context);
    requireBrokers(connector);
    return count === undefined ? sendOne(connector, sent) : sendBurst(connector, sent, count);
  },
};

/** Sends one message through the function, since a user's machine usually reaches no broker; then waits until the document is found. */
async function sendOne(connector: DeployedConnector, typed: TestMessage): Promise<Result> {
  const { props } = connector;
  const started = performance.now();
  const waits = await canBeFound(connector);
  const position = await runTask(`Send a message to ${props.kafka.topic}`, () => produce(connector, typed));
  const wait = () => waitForDocument(connector, position, typed.key);
  const outcome = waits.isPossible ? await runTask(`Wait for its document in ${props.elasticsearch.index}`, wait) : undefined;
  const tookMs = Math.round(performance.now() - started);
  const place = formatPosition(position);
  if (outcome?.kind === 'failed') throw new Error(`The message is in the topic, at ${place}, but ${outcome.reason}`);
  const document = outcome?.document ?? null;
  const text = outcome
    ? `Sent to ${place}; the document was there after ${tookMs} ms:\n${JSON.stringify(document, null, 2)}`
    : `Sent to ${place}. ${waits.reason}`;
  return { value: { ...position, tookMs, document }, text };
}

type DocumentSearchResult =
  | { readonly kind: 'found'; readonly document: object }
  | { readonly kind: 'failed'; readonly document?: undefined; readonly reason: string };

/** Waits until the document is there, the log tells that it will never be, or a minute is over; whatever goes wrong, the message has been sent. */
async function waitForDocument(connector: DeployedConnector, position: Position, key: string | undefined): Promise<DocumentSearchResult> {
  const limit = AbortSignal.timeout(documentLimitMs);
  let problem = `no document is there after ${documentLimitMs / 1000} s`;
  while (!limit.aborted) {
    // Who may not read the log can still find the document.
    const error = await rejectionOf(connector, position).catch(() => undefined);
    if (error !== undefined) {
      return { kind: 'failed', reason: `the record was rejected: ${error}. \`s logs --errors\` shows its invocation.` };
    }
    try {
      const document = await lookFor(connector, position, key);
      if (document) return { kind: 'found', document };
    } catch (fault) {
      problem = `its document could not be looked for: ${fault instanceof Error ? fault.message : fault}`;
    }
    await sleep(pollMs);
  }
  return { kind: 'failed', reason: `${problem}. \`s info\` shows how far the connector is, \`s logs\` what it says.` };
}

/** A document that is found by its key may be an older record's, until the connector has passed this one. */
async function lookFor(connector: DeployedConnector, position: Position, key: string | undefined): Promise<object | undefined> {
  if (isNamedByKey(connector) && !(await hasPassed(connector, position))) return undefined;
  return findDocumentThroughFunction(connector, position, key);
}

function isNamedByKey(connector: DeployedConnector): boolean {
  return environmentIn(connector.function).DOCUMENT_ID === 'key';
}

async function hasPassed({ cloud, names, props }: DeployedConnector, { partition, offset }: Position): Promise<boolean> {
  const { instanceId, topic } = props.kafka;
  const { partitions } = await readProgress(cloud, { instanceId, topic, consumerGroup: names.consumerGroup });
  return (partitions.find((one) => one.partition === partition)?.committed ?? 0) > Number(offset);
}

/** The error's type, when the function's log tells that the record can never be written. */
async function rejectionOf(connector: DeployedConnector, { topic, partition, offset }: Position): Promise<string | undefined> {
  const now = Math.floor(Date.now() / 1000);
  // This machine's clock may be ahead of the cloud's.
  const lines = await readLog(connector, now - lookBackSeconds, now + 1, 'record');
  const rejected = lines.find(
    ({ fields }) =>
      fields.message === recordRejectedMessage && formatPosition(positionIn(fields)) === formatPosition({ topic, partition, offset }),
  );
  return rejected && String(rejected.fields.error);
}

/** Whether it makes sense to wait for the document. */
async function canBeFound(connector: DeployedConnector): Promise<{ readonly isPossible: boolean; readonly reason: string }> {
  if (!(await isRunningNow(connector)))
    return { isPossible: false, reason: 'The connector does not run: it will be delivered after `s resume`.' };
  const isPossible = environmentIn(connector.function).DOCUMENT_ID !== 'auto';
  return { isPossible, reason: 'With document.id=auto its document cannot be found by its position.' };
}

function requireBrokers(connector: DeployedConnector): void {
  if (environmentIn(connector.function).KAFKA_BOOTSTRAP_SERVERS) return;
  throw new Error(
    [
      'The function reaches no broker: it is in another VPC than the Kafka instance, or the instance has no endpoint for this protocol.',
      'Set kafka.bootstrapServers to addresses that a route from its VPC leads to, and run `s deploy`;',
      'or send messages with any Kafka client in the VPC of the instance: `s message --print docker` prints a command that does.',
    ].join('\n'),
  );
}

function requirePrintable(what: string | boolean, count: number | undefined): void {
  if (what !== 'docker') throw new Error(`--print: '${what}' is not known; give docker.`);
  if (count !== undefined) throw new Error('--print docker prints how one message is sent: leave out --count.');
}

/** Prints what does the same without the function, from a machine that reaches the brokers. */
async function print({ content, key, partition }: TestMessage, { cloud, props }: Context): Promise<Result> {
  const { kafka } = props;
  const brokers = addressOf(props, await cloud.kafka.instance(kafka.instanceId));
  if (brokers === undefined)
    throw new Error(`${kafka.instanceId} is not there, or has no endpoint for ${kafka.securityProtocol ?? 'PLAINTEXT'}.`);
  const { securityProtocol: protocol = 'PLAINTEXT', saslMechanism: mechanism = 'PLAIN', username = '' } = kafka;
  const hasOwnAuthority = props.function.environmentVariables?.KAFKA_CA !== undefined;
  const security = protocol === 'PLAINTEXT' ? undefined : { protocol, mechanism, username, hasOwnAuthority };
  const command = kcatCommand({ brokers, topic: kafka.topic, key, content, partition, security });
  return { value: { command }, text: command };
}

function readMessage(values: Arguments['values']): TestMessage {
  const { content, file, key } = values;
  if (typeof content === 'string' && typeof file === 'string') throw new Error('--content and --file: give one of them.');
  const text = typeof content === 'string' ? content : readFile(file);
  return {
    key: typeof key === 'string' ? key : undefined,
    content: text,
    partition: readInteger(values.partition, '--partition', 0, 100_000),
  };
}

function readFile(file: string | boolean | undefined): string {
  if (typeof file !== 'string') throw new Error('There is no content: give --content TEXT, or --file FILE, where - is standard input.');
  const bytes = readInput('--file', file);
  if (isUtf8(bytes)) return bytes.toString();
  throw new Error(`--file: '${file}' is not UTF-8 text, which is all that the trigger can deliver.`);
}
