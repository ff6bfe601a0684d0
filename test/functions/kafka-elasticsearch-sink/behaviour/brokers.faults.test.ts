import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startElasticsearch } from '../../../../scripts/local/servers/elasticsearch.ts';
import { type KafkaServer, startKafka } from '../../../../scripts/local/servers/kafka.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';
import { BrokerProxy } from '../../../support/kafka/broker-proxy.ts';
import { Topics } from '../../../support/kafka/topics.ts';

const user = { name: 'sink', password: 'canary-K4fka' };
const file = (name: string) => fileURLToPath(new URL(`../../../support/tls/${name}`, import.meta.url));

let elasticsearch: Awaited<ReturnType<typeof startElasticsearch>>;
let kafka: KafkaServer;
let topics: Topics;
let sasl: string;
let ssl: string;

beforeAll(async () => {
  const [saslPort, sslPort] = [await getPort(), await getPort()];
  [sasl, ssl] = [`127.0.0.1:${saslPort}`, `127.0.0.1:${sslPort}`];
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user.name}="${user.password}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  // As a properties file writes a line break.
  const oneLine = (name: string) => readFileSync(file(name), 'utf8').trim().replaceAll('\n', '\\n');
  const settings = ({ listeners, advertised }: { listeners: string; advertised: string }) => ({
    listeners: `${listeners},SASL://${sasl},SSL://${ssl}`,
    'advertised.listeners': `${advertised},SASL://${sasl},SSL://${ssl}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,SSL:SASL_SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...Object.fromEntries(
      ['sasl', 'ssl'].flatMap((listener) => [
        [`listener.name.${listener}.plain.sasl.jaas.config`, jaas],
        [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, scram],
        [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, scram],
      ]),
    ),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': oneLine('server.pem'),
    'ssl.keystore.key': oneLine('server.key'),
  });
  [kafka, elasticsearch] = await Promise.all([startKafka(undefined, { settings, user }), startElasticsearch()]);
  topics = await Topics.open(kafka.broker);
});

afterAll(async () => {
  await topics[Symbol.asyncDispose]();
  await Promise.all([kafka.server.stop(), elasticsearch.server.stop()]);
});

/** A function with a topic and an error topic of its own, behind brokers that the settings name. */
async function open(changes: { readonly [name: string]: string | undefined }, timeout = 30) {
  const sandbox = new Sandbox(elasticsearch.url);
  const [topic, errors] = [await topics.create(1), await topics.create(1)];
  const sink = await sandbox.start(
    { SOURCE_TOPIC: topic, ERROR_DATA_TOPIC: errors, DOCUMENT_SHAPE: 'value', OVERFLOW: 'fetch', ...changes },
    { timeout },
  );
  return { sink, topic, errors, [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
}

describe.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('with a user by %s', (KAFKA_SASL_MECHANISM) => {
  test.each<[string, () => { readonly [name: string]: string }]>([
    ['SASL_PLAINTEXT', () => ({ KAFKA_BOOTSTRAP_SERVERS: sasl })],
    ['SASL_SSL', () => ({ KAFKA_BOOTSTRAP_SERVERS: ssl, KAFKA_CA: readFileSync(file('authority.pem'), 'utf8') })],
  ])('%s: produces, reads, and hands over', async (KAFKA_SECURITY_PROTOCOL, address) => {
    const credentials = { KAFKA_USERNAME: user.name, KAFKA_PASSWORD: user.password, KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_MECHANISM };
    await using opened = await open({ ...credentials, ...address() });
    const { errors, sink, topic } = opened;
    expect(await sink.command({ command: 'produce', key: 'k', value: '{"n":1}' })).toEqual({ topic, partition: 0, offset: 0 });
    expect(await sink.deliver(connectorRecord({ topic, partition: 0, offset: 0, overflowFlag: true }))).toMatchObject({ written: 1 });
    expect(await sink.deliver(connectorRecord({ value: 'no object' }))).toMatchObject({ rejected: 1 });
    expect(await topics.read(topic)).toMatchObject([{ value: '{"n":1}' }]);
    expect(await topics.read(errors)).toMatchObject([{ value: 'no object' }]);
  });
});

test.each<[string, () => { readonly [name: string]: string }, RegExp]>([
  ['a wrong password', () => ({ KAFKA_PASSWORD: 'wrong-canary' }), /authentication failed/i],
  ['a certificate that nobody trusts', () => ({ KAFKA_BOOTSTRAP_SERVERS: ssl, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }), /certificate/i],
])('%s is named, and no password is', async (_, changes, reason) => {
  const credentials = { KAFKA_USERNAME: user.name, KAFKA_PASSWORD: user.password, KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT' };
  await using opened = await open({ KAFKA_BOOTSTRAP_SERVERS: sasl, ...credentials, ...changes() });
  const { errorType, errorMessage } = await failureOf(opened.sink.command({ command: 'produce', value: '{}' }));
  expect(errorType).toBe('KafkaUnavailable');
  expect(errorMessage).toMatch(reason);
  expect(errorMessage + opened.sink.lines.join()).not.toContain('canary');
});

test('a broker that takes connections and never answers does not hold the function beyond its deadline', async () => {
  const connections: { destroyed: boolean }[] = [];
  const server = createServer((socket) => connections.push(socket.on('error', () => undefined).resume())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  await using opened = await open({ KAFKA_BOOTSTRAP_SERVERS: address }, 4);
  const { errorType, errorMessage } = await failureOf(opened.sink.deliver(connectorRecord({ value: 'no object' })));
  expect(errorType).toBe('ErrorDestinationUnavailable');
  expect(errorMessage).toMatch(/no answer within \d{3,4} ms/);
  // Nothing is left on its way: a thawed instance must not write behind a redelivery.
  await expect.poll(() => connections.length > 0 && connections.every(({ destroyed }) => destroyed)).toBe(true);
  server.close();
});

test('a message whose answer is lost is not sent again, and is said to be there perhaps', async () => {
  await using proxy = await BrokerProxy.start(kafka.broker);
  await using opened = await open({ KAFKA_BOOTSTRAP_SERVERS: proxy.address }, 6);
  const { sink, topic } = opened;
  expect(await sink.command({ command: 'produce', value: 'first' })).toMatchObject({ offset: 0 });
  proxy.losesAnswers = true;
  const { errorType, errorMessage } = await failureOf(sink.command({ command: 'produce', value: 'second' }));
  expect(errorType).toBe('KafkaUnavailable');
  expect(errorMessage).toContain('there was no clear answer to 1: they may be there, so look before you send them again');
  expect(proxy.produced).toBe(2);
  expect((await topics.read(topic)).map(({ value }) => value)).toEqual(['first', 'second']);
});
