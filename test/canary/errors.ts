import { createServer } from 'node:net';
import type { FailureName, RejectionType } from '../../shared/errors.ts';
import { options } from '../../shared/options.ts';
import { cut, isErrorWrite } from '../support/elasticsearch/bulk-responses.ts';
import { issue } from '../support/elasticsearch/certificates.ts';
import { type Respond, ScriptedServer, type SeenRequest } from '../support/elasticsearch/scripted-server.ts';
import type { Claim } from './chatty-elasticsearch.ts';
import type { Stage } from './stage.ts';

/** Provokes one error in the function, with canaries in everything that it is given. */
export type Scenario = (stage: Stage) => Promise<unknown>;

/** In seconds, of a function that retries until its deadline. */
const brief = 2;

/** How each error of the function comes about, of whatever is most likely to quote what it was sent. An error without an entry does not compile. */
export const failureScenarios = {
  EventInvalid: (stage) => {
    const { field, key, value } = stage.canaries.content;
    const content = { key, value, partition: key, headers: { [field]: [value] } };
    const commands = ['produce', 'find', 'audit', 'replay', 'check now', key].map((command) => ({
      command,
      topic: [key],
      from: key,
      since: value,
      errorType: { [field]: 1 },
      ...content,
    }));
    return stage.play({
      events: [
        `[{"key": "${key.slice(0, 12)}", "value": ${key.slice(0, 12)}}]`,
        `{"${key.slice(0, 12)}`,
        JSON.stringify(value),
        JSON.stringify({ [field]: value }),
        Buffer.concat([Buffer.from(JSON.stringify([key])), Buffer.from([0xff])]),
        ...commands.map((command) => JSON.stringify(command)),
        JSON.stringify({ command: 'find', topic: 'orders', partition: 0, offset: 1, [field]: value }),
        JSON.stringify({ command: 'replay', from: 'error-index', offset: `["${key}"` }),
      ],
    });
  },

  SettingsInvalid: async (stage) => {
    const { secret } = stage.canaries;
    const endpoint = `http://elastic:${secret.userInfo}@127.0.0.1:9200`;
    const everywhere = Object.fromEntries(Object.keys(options).map((name) => [name, secret.esPassword]));
    await stage.play({
      variables: { ...everywhere, ES_ENDPOINT: endpoint, ES_PASWORD: secret.esPassword, KAFKA_PASSWRD: secret.kafkaPassword },
    });
    await stage.play({
      variables: { ES_PASSWORD: secret.esPassword, ES_API_KEY: secret.esApiKey, ES_ENDPOINT: `elastic:${secret.userInfo}@127.0.0.1` },
    });
    await stage.play({ variables: { ES_CA: secret.esPassword } });
    await stage.play({ variables: { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_CA: `-----BEGIN ${secret.kafkaPassword}` } });
    await stage.play({
      variables: { KAFKA_BOOTSTRAP_SERVERS: undefined },
      events: [JSON.stringify({ command: 'produce', key: stage.canaries.content.key })],
    });
  },

  ElasticsearchUnavailable: (stage) =>
    answeredInTurn(
      stage,
      [408, 429, 500, 503]
        .flatMap((status) => [stage.chatty.whole({ status }), stage.chatty.items(() => ({ status }))])
        .concat([
          stage.chatty.whole({ status: 403, type: 'cluster_block_exception' }),
          stage.chatty.whole({ status: 200 }),
          stage.chatty.foreign(403),
          stage.chatty.foreign(200),
          cut,
          notHttp,
        ]),
      { timeout: brief },
    ),

  ElasticsearchTlsFailed: async (stage) => {
    // A certificate that holds what was sent before, of a server that has turned.
    const name = stage.canaries.secret.esPassword.slice(0, 14);
    const authority = issue({ commonName: name, isAuthority: true });
    const certificate = issue({ commonName: name, hosts: [`${name}.example`], issuer: authority });
    await using server = await ScriptedServer.start(stage.chatty.whole({ status: 401 }), { cert: certificate.pem, key: certificate.key });
    const event = stage.event({});
    const check = JSON.stringify({ command: 'check' });
    await stage.playTo(server.url, [event, check], { variables: { ES_CA: authority.pem } });
    await stage.playTo(server.url, [event], { variables: { ES_CA_FINGERPRINT: '0'.repeat(64) } });
    await stage.playTo(server.url.replace('https', 'http'), [event, check]);
    await stage.play({ variables: { ES_PROTOCOL: 'https' } });
  },

  ElasticsearchUnauthorized: async (stage) => {
    const { chatty } = stage;
    await answeredInTurn(
      stage,
      [undefined, 'security_exception'].flatMap((type) => [chatty.whole(claim(401, type)), chatty.items(() => claim(401, type))]),
    );
    await stage.play({ respond: chatty.whole({ status: 401 }) });
    await stage.play({ respond: chatty.whole({ status: 401 }), variables: { ES_VERSION_CHECK: 'false' } });
  },

  ElasticsearchForbidden: (stage) => {
    const { chatty } = stage;
    const worded = (said: string) => `action [indices:data/write/bulk] is unauthorized for user [${said}] with roles [${said}]`;
    return answeredInTurn(
      stage,
      [undefined, 'security_exception']
        .flatMap((type) => [chatty.whole(claim(403, type)), chatty.items(() => claim(403, type))])
        .concat([
          chatty.whole({ status: 403, type: 'security_exception', reason: worded }),
          chatty.items(() => ({ status: 403, type: 'security_exception', reason: worded })),
        ]),
    );
  },

  ElasticsearchUnsupported: async (stage) => {
    const info =
      (number: (said: string) => string): Respond =>
      (response, request) => {
        const said = `${request.headers.authorization} ${JSON.stringify(request.headers)} ${stage.canaries.secret.esPassword}`;
        response.end(
          JSON.stringify({ name: said, cluster_name: said, tagline: said, version: { number: number(said), build_flavor: said } }),
        );
      };
    const root = (respond: Respond) =>
      stage.chatty.server(
        stage.chatty.items(() => undefined),
        ({ path }) => (path === '/' ? respond : undefined),
      );
    const events = [stage.event({}), JSON.stringify({ command: 'check' })];
    for (const number of [() => '6.8.23', (said: string) => `6.8.23-${said}`, (said: string) => said]) {
      await stage.play({ respond: root(info(number)), events });
    }
  },

  IndexMissing: (stage) => {
    const { content } = stage.canaries;
    const missing = (name: string) =>
      stage.chatty.items(() => ({ status: 404, type: 'index_not_found_exception', reason: (said) => `no such index [${name}] ${said}` }));
    return answeredInTurn(stage, ['elastic_test', content.key, content.value, content.headerValue].map(missing), {
      variables: { CREATE_INDEX: 'false' },
    });
  },

  IndexUnavailable: async (stage) => {
    const { chatty } = stage;
    const { key } = stage.canaries.content;
    const worded = [
      ['illegal_argument_exception', `pipeline with id [${key}] does not exist`],
      ['illegal_state_exception', `Pipeline processor configured for non-existent pipeline [${key}]`],
      ['illegal_state_exception', `Cycle detected for pipeline: ${key}`],
      ['illegal_argument_exception', `no write index is defined for alias [${key}]`],
      ['illegal_state_exception', `final pipeline [${key}] can't change the target index `],
      ['routing_missing_exception', key],
    ] as const;
    const permanent = [
      chatty.whole({ status: 404 }),
      chatty.whole({ status: 405 }),
      chatty.whole({ status: 418 }),
      chatty.whole({ status: 301 }),
      chatty.foreign(302),
    ];
    const types = [
      undefined,
      'index_closed_exception',
      'validation_exception',
      'illegal_argument_exception',
      'action_request_validation_exception',
    ];
    const refused = types.flatMap((type) => [
      chatty.whole(claim(400, type)),
      chatty.items(() => claim(404, type)),
      chatty.items(() => claim(400, type)),
    ]);
    await answeredInTurn(stage, [...permanent, ...refused]);
    await answeredInTurn(
      stage,
      worded.map(([type, text]) =>
        chatty.items(() => ({ status: 400, type, reason: (said) => (said.includes('"_index"') ? text : said) })),
      ),
      { variables: { ES_ROUTING: 'none' } },
    );
    // Also where the reason is cut.
    for (const length of [0, 950, 1000]) {
      const padded = (said: string) => `${'x'.repeat(length)}${said}`;
      const refused = chatty.whole({ status: 400, type: 'invalid_index_name_exception', reason: padded });
      const creation = ({ method }: SeenRequest) =>
        method === 'HEAD' ? chatty.whole({ status: 404 }) : method === 'PUT' ? refused : undefined;
      await stage.play({
        respond: chatty.server(
          chatty.items(() => undefined),
          creation,
        ),
      });
    }
  },

  RecordsRejected: (stage) => {
    const types = [
      undefined,
      'mapper_parsing_exception',
      'document_parsing_exception',
      'strict_dynamic_mapping_exception',
      'fail_processor_exception',
    ];
    return answeredInTurn(
      stage,
      types.map((type) => stage.chatty.items(() => claim(400, type))),
      { variables: { ON_FAILURE: 'stop' } },
    );
  },

  ErrorDestinationUnavailable: async (stage) => {
    const { chatty } = stage;
    const unfit = chatty.items((_, document) => (document.includes('"error"') ? undefined : claim(400, 'mapper_parsing_exception')));
    const types = [
      undefined,
      'illegal_argument_exception',
      'mapper_parsing_exception',
      'security_exception',
      'invalid_index_name_exception',
    ];
    const creations = types.map((type) =>
      chatty.server(unfit, ({ method, path }) =>
        !path.startsWith('/errors') ? undefined : method === 'HEAD' ? chatty.whole({ status: 404 }) : chatty.whole(claim(400, type)),
      ),
    );
    const writes = types.flatMap((type) => [
      chatty.whole(claim(400, type)),
      chatty.items(() => claim(400, type)),
      chatty.items(() => claim(403, type)),
    ]);
    const both = writes.map(
      (write): Respond => chatty.server((response, request) => (isErrorWrite(request) ? write : unfit)(response, request)),
    );
    for (const respond of [...creations, ...both])
      await stage.play({ respond, variables: { ERROR_INDEX: 'errors' }, events: [stage.event({})], timeout: brief });
    await stage.play({ respond: chatty.server(unfit), variables: { ERROR_DATA_TOPIC: 'errors' } });
  },

  KafkaUnavailable: async (stage) => {
    const broker = await startMirror();
    const { key, value } = stage.canaries.content;
    const overflowed = JSON.stringify([
      { topic: 'orders', partition: 0, offset: 1, timestamp: 1, overflowFlag: true, key, value, valueSize: 1 },
    ]);
    const commands = [
      { command: 'produce', key, value },
      { command: 'check' },
      { command: 'audit', topic: 'orders', partition: 0, from: 0, to: 9 },
      { command: 'replay', from: 'error-data' },
    ];
    const events = [overflowed, ...commands.map((command) => JSON.stringify(command))];
    const variables = { OVERFLOW: 'fetch', ERROR_DATA_TOPIC: 'errors', DOCUMENT_ID: 'position' };
    const withMirror = { ...variables, KAFKA_BOOTSTRAP_SERVERS: broker.address };
    await stage.play({ variables: withMirror, events, timeout: brief });
    await stage.play({ variables: { ...withMirror, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256' }, events: [overflowed], timeout: brief });
    await stage.play({ variables, events: [overflowed], timeout: brief });
    broker.close();
  },
} satisfies Record<FailureName, Scenario>;

/** How each reason comes about for which a record is rejected. A type without an entry does not compile. */
export const rejectionScenarios = {
  bad_element: (stage) => {
    const { field, key, value } = stage.canaries.content;
    const text = JSON.stringify({ [field]: value });
    return rejected(stage, [
      JSON.stringify([key, [value], 7, { [field]: value }, text, { topic: 'orders', partition: key, offset: value, key, value: text }]),
      stage.event({ key: { [field]: key } }, { partition: key }, { offset: value }, { topic: [key] }),
      JSON.stringify([{ topic: 'orders', partition: 0, offset: 1, key, value: { [field]: value }, overflowFlag: false }]),
    ]);
  },
  value_not_in_event: (stage) =>
    rejected(stage, [
      JSON.stringify([
        {
          topic: 'orders',
          partition: 0,
          offset: 1,
          key: stage.canaries.content.key,
          value: stage.canaries.content.value,
          overflowFlag: true,
        },
      ]),
    ]),
  null_value: (stage) => rejected(stage, [stage.event({ value: null })]),
  value_not_an_object: (stage) =>
    rejected(stage, [
      stage.event(
        { value: stage.canaries.content.value },
        { value: `{"${stage.canaries.content.field.slice(0, 12)}` },
        { value: `${stage.canaries.content.value.slice(0, 12)}{}` },
      ),
    ]),
  value_too_deep: (stage) =>
    rejected(stage, [stage.event({ value: `${'{"a":'.repeat(1000)}${JSON.stringify(stage.canaries.content.value)}${'}'.repeat(1000)}` })]),
  field_conflict: (stage) => rejected(stage, [stage.event({ value: JSON.stringify({ 'kafka.topic': stage.canaries.content.value }) })]),
  key_missing: (stage) => rejected(stage, [stage.event({ key: null }, { key: '' })]),
  key_not_utf8: (stage) => rejected(stage, [stage.event({ key: `${stage.canaries.content.key}\uFFFD` })]),
  id_too_long: (stage) => rejected(stage, [stage.event({ key: stage.canaries.content.key.repeat(40) })]),
  index_name_invalid: (stage) => rejected(stage, [stage.event({ topic: 'or ders' })], { ES_INDEX: 'of-${topic}' }),
  timestamp_invalid: (stage) =>
    rejected(stage, [stage.event({ timestamp: stage.canaries.content.value }, { timestamp: -1 })], { ES_INDEX: 'of-{yyyy}' }),
  too_large: (stage) => rejectedBy(stage, { status: 413 }),
  request_refused: async (stage) => {
    for (const type of ['illegal_argument_exception', 'x_content_parse_exception', 'action_request_validation_exception', undefined])
      await rejectedBy(stage, claim(400, type));
  },
  request_unanswered: (stage) => rejectedBy(stage, undefined),
  failure_store: (stage) =>
    rejected(
      stage,
      [stage.event({}, {})],
      {},
      stage.chatty.items(() => ({ status: 201, failure_store: 'used' })),
    ),
} satisfies Record<RejectionType, Scenario>;

function claim(status: number, type: string | undefined): Claim {
  return { status, ...(type !== undefined && { type }) };
}

/** One event to one function for each answer to a bulk request; whose turn it is, the offsets of its records tell. */
async function answeredInTurn(stage: Stage, answers: readonly Respond[], play: Parameters<Stage['play']>[0] = {}): Promise<void> {
  let answer: Respond | undefined;
  const bulk: Respond = (response, request) => {
    const [, offset] = /"offset":(\d+)/.exec(request.body) ?? [];
    answer = offset === undefined ? answer : answers[Math.floor(Number(offset) / offsetsPerTurn)];
    answer?.(response, request);
  };
  const events = answers.map((_, turn) => JSON.stringify([0, 1, 2].map((number) => stage.record(turn * offsetsPerTurn + number))));
  await stage.play({ respond: stage.chatty.server(bulk), events, ...play });
}

const offsetsPerTurn = 1000;

/** Records that are rejected, under both policies and handed to an error index. */
async function rejected(stage: Stage, events: readonly string[], variables = {}, respond?: Respond): Promise<void> {
  const answered =
    respond &&
    stage.chatty.server((response, request) => (isErrorWrite(request) ? stage.chatty.items(() => undefined) : respond)(response, request));
  await stage.play({ events, variables: { ERROR_INDEX: 'errors', ...variables }, ...(answered && { respond: answered }) });
  await stage.play({ events, variables: { ON_FAILURE: 'stop', ...variables }, ...(answered && { respond: answered }) });
}

/** The record at 1 of three, at which a request is answered so, or not at all. */
async function rejectedBy(stage: Stage, refusal: Claim | undefined): Promise<void> {
  const { chatty } = stage;
  const guilty = ({ body }: SeenRequest) => body.includes('"offset":1,') && !body.includes('"error"');
  const bulk: Respond = (response, request) => {
    if (!guilty(request)) return chatty.items(() => undefined)(response, request);
    return (refusal ? chatty.whole(refusal) : cut)(response, request);
  };
  await rejected(stage, [stage.event({}, {}, {})], { DOCUMENT_ID: 'position' }, bulk);
}

/** Sends back what it got as the line of a protocol that is none. */
const notHttp: Respond = (response, { body, headers }) => {
  response.socket?.end(`${headers.authorization} ${body.slice(0, 1000)}`);
};

/** A broker that sends back whatever it is sent. */
async function startMirror(): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { address: `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, close: () => server.close() };
}
