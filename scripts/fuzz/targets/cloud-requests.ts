import { createHash, createHmac, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { crookedArchives } from './crooked-archives.ts';
import { anyJson, crookedName, mutated } from './hostile-values.ts';

/** How a family of services of the cloud signs. */
type Scheme = 'fc2' | 'acs3' | 'log';

/** A request as it is sent. */
export interface CloudRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

interface Form {
  readonly scheme: Scheme;
  readonly method: string;
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: object;
}

/** Whose key the local cloud takes. */
export interface Key {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

const zipFile = crookedArchives[0] ?? '';
const settings = { runtime: 'nodejs20', handler: 'index.handler', timeout: 60, memorySize: 512, environmentVariables: { A: 'b' } };
const lifecycle = { instanceLifecycleConfig: { preStop: { handler: 'index.preStop', timeout: 10 } } };
const network = {
  vpcConfig: { vpcId: 'vpc-1', vSwitchIds: ['vsw-1'], securityGroupId: 'sg-1' },
  logConfig: { project: 'fuzz-project', logstore: 'store' },
};
const source = {
  RegionId: 'cn-hangzhou',
  InstanceId: 'alikafka_pre-cn-local0000001',
  Topic: 'topic',
  ConsumerGroup: 'group',
  OffsetReset: 'latest',
};
const triggerConfig = {
  eventSourceConfig: { eventSourceType: 'Kafka', eventSourceParameters: { sourceKafkaParameters: source } },
  eventSinkConfig: { deliveryOption: { eventSchema: 'CloudEvents', concurrency: 1 } },
  runOptions: {
    mode: 'event-streaming',
    maximumTasks: 6,
    errorsTolerance: 'ALL',
    retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' },
    batchWindow: { CountBasedWindow: 100, TimeBasedWindow: 1 },
    deadLetterQueue: { Arn: 'acs:alikafka:cn-hangzhou:1:instance/i/topic/t' },
  },
};
const asTrigger = { headers: { 'x-fc-enable-eventbridge-trigger': 'enable' } };
const two = '/2016-08-15';
const three = '/2023-03-30';

/** One request of each operation that needs no broker and starts no function; what is made has names that begin like those that are there. */
const forms: readonly Form[] = [
  { scheme: 'fc2', method: 'GET', path: `${two}/account-settings` },
  {
    scheme: 'fc2',
    method: 'POST',
    path: `${two}/services`,
    body: { serviceName: 'made', description: 'd', role: 'acs:ram::1:role/r', ...network },
  },
  { scheme: 'fc2', method: 'GET', path: `${two}/services?limit=10&prefix=f&startKey=a` },
  { scheme: 'fc2', method: 'GET', path: `${two}/services/fuzz` },
  { scheme: 'fc2', method: 'PUT', path: `${two}/services/fuzz`, body: { description: 'e', ...network } },
  { scheme: 'fc2', method: 'DELETE', path: `${two}/services/made` },
  {
    scheme: 'fc2',
    method: 'POST',
    path: `${two}/services/fuzz/functions`,
    body: { functionName: 'made', code: { zipFile }, initializer: 'index.initialize', ...settings, ...lifecycle },
  },
  { scheme: 'fc2', method: 'GET', path: `${two}/services/fuzz.LATEST/functions?limit=1` },
  {
    scheme: 'fc2',
    method: 'PUT',
    path: `${two}/services/fuzz/functions/fuzz`,
    body: { code: { zipFile }, ...settings, ...lifecycle },
    headers: { 'if-match': '' },
  },
  { scheme: 'fc2', method: 'DELETE', path: `${two}/services/fuzz/functions/made` },
  { scheme: 'fc2', method: 'GET', path: `${two}/services/fuzz/functions/fuzz/code` },
  {
    scheme: 'fc2',
    method: 'POST',
    path: `${two}/services/fuzz/functions/fuzz/invocations`,
    headers: { 'x-fc-invocation-type': 'Never' },
    body: [],
  },
  {
    scheme: 'fc2',
    method: 'POST',
    path: `${two}/services/fuzz/functions/fuzz/triggers`,
    ...asTrigger,
    body: { triggerName: 'kafka', triggerType: 'eventbridge', triggerConfig },
  },
  { scheme: 'fc2', method: 'GET', path: `${two}/services/fuzz/functions/fuzz/triggers/kafka`, ...asTrigger },
  {
    scheme: 'acs3',
    method: 'POST',
    path: `${three}/functions`,
    body: {
      functionName: 'made',
      code: { zipFile },
      cpu: 0.35,
      diskSize: 512,
      tags: [{ Key: 'k', Value: 'v' }],
      ...settings,
      ...lifecycle,
      ...network,
    },
  },
  {
    scheme: 'acs3',
    method: 'GET',
    path: `${three}/functions?limit=5&fcVersion=v3&tags=${encodeURIComponent('[{"Key":"k","Value":"v"}]')}`,
  },
  { scheme: 'acs3', method: 'GET', path: `${three}/functions/fuzz?qualifier=LATEST` },
  { scheme: 'acs3', method: 'PUT', path: `${three}/functions/fuzz`, body: { code: { zipFile }, ...settings, ...lifecycle } },
  { scheme: 'acs3', method: 'DELETE', path: `${three}/functions/made` },
  {
    scheme: 'acs3',
    method: 'POST',
    path: `${three}/functions/fuzz/triggers`,
    body: { triggerName: 'kafka', triggerType: 'eventbridge', triggerConfig: JSON.stringify(triggerConfig) },
  },
  { scheme: 'acs3', method: 'GET', path: `${three}/functions/fuzz/triggers?limit=5` },
  {
    scheme: 'acs3',
    method: 'POST',
    path: `${three}/tags-v2`,
    body: { ResourceType: 'function', ResourceId: ['acs:fc:cn-hangzhou:1234567890123456:functions/fuzz'], Tag: [{ Key: 'k', Value: 'v' }] },
  },
  {
    scheme: 'acs3',
    method: 'GET',
    path: `${three}/tags-v2?ResourceType=function&ResourceId=${encodeURIComponent('["acs:fc:cn-hangzhou:1234567890123456:functions/fuzz"]')}`,
  },
  ...[
    'GetInstanceList',
    'GetTopicList',
    'GetTopicStatus',
    'GetConsumerList',
    'CreateConsumerGroup',
    'UpdateConsumerOffset',
    'QueryMessage',
    'DeleteTopic',
  ].map((action) =>
    rpc(
      '2019-09-16',
      action,
      'RegionId=cn-hangzhou&InstanceId=alikafka_pre-cn-local0000001&CurrentPage=1&PageSize=10&ConsumerId=group&Remark=mark&Topic=topic&ResetType=offset&Offsets=%5B%5D&Time=-1&QueryType=byOffset&Partition=0&Offset=0',
    ),
  ),
  ...['DescribeSecurityGroups', 'CreateSecurityGroup', 'DeleteSecurityGroup'].map((action) =>
    rpc(
      '2014-05-26',
      action,
      'RegionId=cn-hangzhou&VpcId=vpc-bp1local000000000000001&SecurityGroupName=name&PageNumber=1&PageSize=10&SecurityGroupId=sg-1',
    ),
  ),
  rpc(
    '2016-04-28',
    'DescribeVSwitchAttributes',
    'RegionId=cn-hangzhou&VpcId=vpc-bp1local000000000000001&VSwitchId=vsw-1&PageNumber=1&PageSize=10',
  ),
  rpc('2015-05-01', 'GetRole', 'RoleName=AliyunFCDefaultRole'),
  rpc('2020-03-31', 'CreateServiceLinkedRole', 'ServiceName=fc.aliyuncs.com'),
  ...['GetEventStreaming', 'StartEventStreaming', 'PauseEventStreaming', 'CreateServiceLinkedRoleForProduct'].map((action) =>
    rpc('2020-04-01', action, 'EventStreamingName=fuzz-fuzz-kafka&ProductName=sendevent-fc.eventbridge.aliyuncs.com'),
  ),
  {
    scheme: 'acs3',
    method: 'POST',
    path: '/openapi/instances/es-cn-local000000001/actions/modify-white-ips?modifyMode=Append',
    headers: { 'x-acs-version': '2017-06-13', 'x-acs-action': 'UpdatePrivateNetworkWhiteIps' },
    body: { whiteIpGroup: { groupName: 'default', ips: ['10.0.0.0/8'] } },
  },
  log('POST', '/', { projectName: 'made-project', description: 'd' }, ''),
  log('GET', '/'),
  log('DELETE', '/', undefined, 'made-project'),
  log('POST', '/logstores', { logstoreName: 'made', ttl: 30, shardCount: 2 }),
  log('GET', '/logstores'),
  log('GET', '/logstores/store'),
  log('DELETE', '/logstores/made'),
  log('PUT', '/logstores/store/index', { line: { token: [' '], caseSensitive: false }, keys: { message: { type: 'text' } } }),
  log('GET', '/logstores/store/index'),
  log(
    'GET',
    `/logstores/store?type=log&from=0&to=99999999999&line=100&offset=0&reverse=true&topic=&query=${encodeURIComponent('a and (b or message: "c*") not d')}`,
  ),
];

/** What must be there for most of them. */
export const prepared: readonly Form[] = [
  log('POST', '/', { projectName: 'fuzz-project', description: 'd' }, ''),
  log('POST', '/logstores', { logstoreName: 'store', ttl: 30, shardCount: 2 }),
  log('POST', '/logstores/store/index', { line: { token: [' '] }, keys: { message: { type: 'text' } } }),
  ...[
    'sendevent-fc.eventbridge.aliyuncs.com',
    'source-kafka.eventbridge.aliyuncs.com',
    'connect-vpc.eventbridge.aliyuncs.com',
    'fc.aliyuncs.com',
  ].map((service) => rpc('2020-03-31', 'CreateServiceLinkedRole', `ServiceName=${service}`)),
  { scheme: 'fc2', method: 'POST', path: `${two}/services`, body: { serviceName: 'fuzz' } },
  { scheme: 'fc2', method: 'POST', path: `${two}/services/fuzz/functions`, body: { functionName: 'fuzz', code: { zipFile }, ...settings } },
  { scheme: 'acs3', method: 'POST', path: `${three}/functions`, body: { functionName: 'fuzz', code: { zipFile }, ...settings } },
];

function rpc(version: string, action: string, query: string): Form {
  return { scheme: 'acs3', method: 'POST', path: `/?${query}`, headers: { 'x-acs-version': version, 'x-acs-action': action } };
}

function log(method: string, path: string, body?: object, project = 'fuzz-project'): Form {
  return {
    scheme: 'log',
    method,
    path,
    headers: { 'x-log-apiversion': '0.6.0', ...(project !== '' && { 'x-log-project': project }) },
    ...(body && { body }),
  };
}

/** The form as it is sent by who has the key. */
export function requestOf({ body, headers = {}, method, path, scheme }: Form, key: Key): CloudRequest {
  return sign({ scheme, method, path, headers, body: Buffer.from(body === undefined ? '' : JSON.stringify(body)) }, key);
}

interface Unsigned extends CloudRequest {
  readonly scheme: Scheme;
}

/** Requests of every operation, of which something is changed: names and values before they are signed, or what is signed afterwards. */
export function crookedRequest(key: Key): fc.Arbitrary<CloudRequest> {
  return fc.constantFrom(...forms).chain((form) => {
    const body = form.body === undefined ? fc.constantFrom(Buffer.alloc(0), Buffer.from('x')) : crookedBody(form.body);
    return fc
      .record({ method: crookedMethod(form.method), path: crookedPath(form.path), headers: crookedHeaders(form.headers ?? {}), body })
      .chain((unsigned) => afterwards(sign({ ...unsigned, scheme: form.scheme }, key)));
  });
}

function mostly<Value>(value: Value, other: fc.Arbitrary<Value>, weight = 4): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
}

function crookedMethod(method: string): fc.Arbitrary<string> {
  return mostly(method, fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'), 19);
}

function crookedBody(body: object): fc.Arbitrary<Buffer> {
  const raw = fc.oneof(
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('', 'null', '[]', '{', '"', '{"__proto__":{"code":1}}', '['.repeat(100_000), '{"a":'.repeat(50_000))
      .map((text) => Buffer.from(text)),
    anyJson.map((value) => Buffer.from(JSON.stringify(value))),
  );
  const archives = fc
    .constantFrom(...crookedArchives)
    .map((zip) => Buffer.from(JSON.stringify(body).replace(JSON.stringify(zipFile), JSON.stringify(zip))));
  return fc.oneof(
    { weight: 6, arbitrary: mutated(body).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: raw },
    { weight: 1, arbitrary: archives },
  );
}

/** Changes a name in the path, or a value in the query. */
function crookedPath(whole: string): fc.Arbitrary<string> {
  const [path = '', query] = whole.split('?');
  const parts = path.split('/');
  const pairs = query?.split('&') ?? [];
  const place = fc.nat({ max: Math.max(0, parts.length + pairs.length - 1) });
  const changed = fc.tuple(place, crookedName, fc.boolean()).map(([at, name, encodes]) => {
    const text = encodes ? encodeURIComponent(name.toString()) : asTarget(name);
    const newParts = parts.map((part, number) => (number === at && number > 0 ? text : part));
    const newPairs = pairs.map((pair, number) => (number + parts.length === at ? `${pair.split('=')[0]}=${text}` : pair));
    return [newParts.join('/'), ...(newPairs.length > 0 ? [newPairs.join('&')] : [])].join('?');
  });
  return mostly(whole, changed, 1);
}

/** What an HTTP client can send in a request's first line. */
function asTarget(text: string): string {
  return text.replaceAll(/[^!-~]|[?#&]/g, '') || '%';
}

function crookedHeaders(headers: { readonly [name: string]: string }): fc.Arbitrary<{ readonly [name: string]: string }> {
  const names = Object.keys(headers);
  if (names.length === 0) return fc.constant(headers);
  const changed = fc.tuple(fc.constantFrom(...names), crookedName).map(([name, value]) => ({ ...headers, [name]: asTarget(value) }));
  return mostly(headers, changed);
}

/** What somebody does to a request who lacks the key. */
function afterwards(request: CloudRequest): fc.Arbitrary<CloudRequest> {
  const { authorization = '' } = request.headers;
  const forged = fc
    .constantFrom(
      '',
      authorization.slice(0, -1),
      `${authorization}${authorization}`,
      authorization.toLowerCase(),
      'FC :',
      'LOG x:y',
      'ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=',
      'Basic e30=',
    )
    .map((text) => ({ ...request, headers: { ...request.headers, authorization: text } }));
  const without = fc
    .constantFrom(...Object.keys(request.headers))
    .map((name) => ({ ...request, headers: Object.fromEntries(Object.entries(request.headers).filter(([one]) => one !== name)) }));
  const other = fc.constant({ ...request, body: Buffer.concat([request.body, Buffer.from('x')]) });
  return fc.oneof({ weight: 12, arbitrary: fc.constant(request) }, forged, without, other);
}

function sign(request: Unsigned, key: Key): CloudRequest {
  const headers = { host: '127.0.0.1', 'content-type': 'application/json', ...request.headers };
  return { ...request, headers: signers[request.scheme]({ ...request, headers }, key) };
}

type Signer = (request: CloudRequest, key: Key) => { readonly [name: string]: string };

/** https://www.alibabacloud.com/help/en/functioncompute/signature-authentication, https://help.aliyun.com/zh/functioncompute/fc/developer-reference/signature-mechanism, https://www.npmjs.com/package/@alicloud/gateway-sls */
const signers: { readonly [scheme in Scheme]: Signer } = {
  fc2: ({ headers, method, path }, { accessKeyId, accessKeySecret }) => {
    const dated = { ...headers, date: new Date().toUTCString() };
    const own = Object.entries(dated)
      .filter(([name]) => name.startsWith('x-fc-'))
      .map(([name, value]) => `${name}:${value}\n`);
    const text = `${method}\n\n${headers['content-type']}\n${dated.date}\n${own.sort().join('')}${decoded(path.split('?')[0] ?? '')}`;
    return { ...dated, authorization: `FC ${accessKeyId}:${createHmac('sha256', accessKeySecret).update(text).digest('base64')}` };
  },
  acs3: ({ body, headers, method, path }, { accessKeyId, accessKeySecret }) => {
    const hash = createHash('sha256').update(body).digest('hex');
    const dated: { readonly [name: string]: string } = {
      ...headers,
      'x-acs-date': new Date().toISOString().replace(/\.\d+/, ''),
      'x-acs-signature-nonce': randomUUID(),
      'x-acs-content-sha256': hash,
    };
    const names = Object.keys(dated)
      .filter((name) => /^(x-acs-|host$|content-type$)/.test(name))
      .sort();
    const [resource = '', query = ''] = path.split(/\?(.*)/s);
    const pairs = [...new URLSearchParams(query)]
      .map(([name, value]): [string, string] => [name, `${name}=${encoded(value)}`])
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const canonicalPath = resource.replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~');
    const canonical = [
      method,
      canonicalPath,
      pairs.map(([, text]) => text).join('&'),
      names.map((name) => `${name}:${(dated[name] ?? '').trim()}\n`).join(''),
      names.join(';'),
      hash,
    ].join('\n');
    const text = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
    const signature = createHmac('sha256', accessKeySecret).update(text).digest('hex');
    return {
      ...dated,
      authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`,
    };
  },
  log: ({ body, headers, method, path }, { accessKeyId, accessKeySecret }) => {
    const md5 = body.length === 0 ? '' : createHash('md5').update(body).digest('hex').toUpperCase();
    const dated: { readonly [name: string]: string } = {
      ...headers,
      date: new Date().toUTCString(),
      'x-log-signaturemethod': 'hmac-sha1',
      ...(md5 !== '' && { 'content-md5': md5 }),
    };
    const own = Object.keys(dated)
      .filter((name) => /x-log-|x-acs-/.test(name))
      .sort()
      .map((name) => `${name}:${dated[name]}\n`);
    const [resource = '', query = ''] = path.split(/\?(.*)/s);
    const pairs = [...new URLSearchParams(query)]
      .map(([name, value]): [string, string] => [name, `${name}=${value}`])
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const target = pairs.length > 0 ? `${resource}?${pairs.map(([, text]) => text).join('&')}` : resource;
    const text = `${method}\n${md5}\n${headers['content-type']}\n${dated.date}\n${own.join('')}${target}`;
    return { ...dated, authorization: `LOG ${accessKeyId}:${createHmac('sha1', accessKeySecret).update(text).digest('base64')}` };
  },
};

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
