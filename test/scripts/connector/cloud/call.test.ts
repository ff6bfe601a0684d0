import { expect, test, vi } from 'vitest';
import { call, found, made } from '../../../../scripts/connector/cloud/call.ts';
import type { Product } from '../../../../scripts/connector/cloud/product.ts';
import { retriable } from '../../../../scripts/connector/cloud/retriable.ts';
import { reportingTo } from '../../../../scripts/terminal/report.ts';

// Patience is counted in what was waited: here no time passes.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

class SdkError extends Error {
  readonly code: string;
  readonly statusCode: number | undefined;

  constructor(code: string, statusCode?: number, message = 'no') {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
  }
}

function failing(...errors: readonly Error[]) {
  const left = [...errors];
  return vi.fn(async () => {
    const error = left.shift();
    if (error) throw error;
    return 'answer';
  });
}

function alwaysFailing(error: Error) {
  return vi.fn(async () => {
    throw error;
  });
}

test.each([
  new SdkError('Throttling.User', 400),
  new SdkError('Throttling', 400),
  new SdkError('Rejected.Throttling', 400),
  new SdkError('ResourceExhausted', 429),
  new SdkError('InternalError', 500),
  new SdkError('ServiceUnavailable', 400),
  new SdkError('', 503),
  new SdkError('ECONNRESET'),
  new SdkError('', undefined, 'ReadTimeout(10000)'),
  new Error('GET /services failed with 503. requestid: 1'),
])('%s is tried again, whatever the product', async (error) => {
  const request = failing(error, error, error);
  expect(await call('VPC', 'Describe', request)).toBe('answer');
  expect(request).toHaveBeenCalledTimes(4);
});

/** An answer for each row of the tables, with the seconds that it is waited for. */
const answers: readonly (readonly [Product, string, SdkError, number])[] = [
  ['ApsaraMQ for Kafka', 'CreateTopic', new SdkError('ONS_SYSTEM_FLOW_CONTROL', 400), 300],
  ['Function Compute', 'CreateTrigger', new SdkError('AccessDenied', 403, 'role is missing'), 120],
  [
    'Function Compute',
    'CreateService',
    new SdkError('AccessDenied', 403, "the caller is not authorized to perform 'fc:CreateService'"),
    20,
  ],
  ['Function Compute', 'CreateService', new SdkError('InvalidArgument', 400, "project 'p' does not exist"), 120],
  ['Function Compute', 'UpdateFunction', new SdkError('ConcurrentUpdateError', 409), 120],
  ['Function Compute', 'CreateTrigger', new SdkError('FunctionNotFound', 404), 30],
  ['Function Compute', 'CreateTrigger', new SdkError('TriggerAlreadyExists', 409), 120],
  ['Function Compute', 'DeleteFunction', new SdkError('FunctionNotEmpty', 409), 60],
  ['Function Compute', 'DeleteService', new SdkError('ServiceNotEmpty', 409), 60],
  ['Log Service', 'CreateLogStore', new SdkError('ProjectNotExist', 404), 120],
  ['Log Service', 'GetProject', new SdkError('ProjectForbidden', 403), 60],
  ['Log Service', 'GetLogs', new SdkError('ReadQuotaExceed', 403), 60],
  ['Elasticsearch', 'UpdatePrivateNetworkWhiteIps', new SdkError('InstanceStatusNotSupportCurrentAction', 400), 600],
  ['ECS', 'DeleteSecurityGroup', new SdkError('DependencyViolation', 403), 900],
];

test.each(answers)(
  '%s: %s is tried again after %s, for as long as its row says, and tells what it waits for',
  async (product, action, error, seconds) => {
    const request = failing(error, error, error);
    expect(await call(product, action, request)).toBe('answer');
    const lines: string[] = [];
    const forEver = reportingTo(
      (line) => lines.push(line),
      () => call(product, action, alwaysFailing(error)),
    );
    await expect(forEver).rejects.toThrow(/after \d+ attempts in \d+ s/);
    const [, what = '', waited = ''] = /^waiting for (.+), (\d+) s$/.exec(lines.at(-1) ?? '') ?? [];
    expect(retriable[product]?.map(({ waitingFor }) => waitingFor)).toContain(what);
    expect(Number(waited)).toBeGreaterThanOrEqual(seconds);
    expect(Number(waited)).toBeLessThan(seconds + 10);
  },
);

test('every row has an answer above, a public source and a reason', () => {
  for (const [product, rows] of Object.entries(retriable)) {
    for (const { calls, matches, source, waitingFor, why } of rows) {
      const isMet = ([of, action, error]: (typeof answers)[number]) =>
        of === product && (calls?.includes(action) ?? true) && matches({ ...error, status: error.statusCode, message: error.message });
      expect(answers.some(isMet), `${product}: ${waitingFor}`).toBe(true);
      expect(source).toMatch(/^https:\/\//);
      expect(why).not.toBe('');
    }
  }
});

test.each<[Product, string, SdkError]>([
  ['VPC', 'Describe', new SdkError('InvalidParameter', 400)],
  ['RAM', 'GetRole', new SdkError('EntityNotExist.Role', 404)],
  ['Function Compute', 'GetAccountSettings', new SdkError('AccessDenied', 403)],
  ['Function Compute', 'CreateService', new SdkError('InvalidArgument', 400, 'memorySize is wrong')],
  ['Log Service', 'GetLogStore', new SdkError('ProjectNotExist', 404)],
  ['VPC', 'Describe', new SdkError('DependencyViolation', 403)],
])('%s: %s is not tried again after %s', async (product, action, error) => {
  const request = failing(error, error);
  await expect(call(product, action, request)).rejects.toThrow(`${product}: ${action} failed`);
  expect(request).toHaveBeenCalledTimes(1);
});

test.each<[Product, string, SdkError, string]>([
  ['Log Service', 'CreateProject', new SdkError('ProjectQuotaExceed', 400), 'projects of Log Service'],
  ['Log Service', 'CreateLogStore', new SdkError('QuotaExceed', 400), 'log stores of the project'],
  ['ECS', 'CreateSecurityGroup', new SdkError('QuotaExceed.SecurityGroup', 403), 'security groups of ECS'],
  ['ApsaraMQ for Kafka', 'CreateTopic', new SdkError('BIZ_TOPIC_LIMIT_EXCEEDED', 400), 'topics and partitions of the Kafka instance'],
  ['Function Compute', 'CreateTrigger', new SdkError('QuotaExceeded', 429), 'event streams of EventBridge'],
])('%s: a quota at %s (%s) is not waited for, and named', async (product, action, error, quota) => {
  const request = failing(error, error);
  await expect(call(product, action, request)).rejects.toThrow(`This is a quota, of ${quota}`);
  expect(request).toHaveBeenCalledTimes(1);
});

test('a call that may have done its work is made once', async () => {
  const request = failing(new SdkError('', 503));
  await expect(call('Function Compute', 'InvokeFunction', request, { isOnce: true })).rejects.toThrow(
    'It is not clear whether it was done: look before you run the command again',
  );
  expect(request).toHaveBeenCalledTimes(1);
});

test.each([new SdkError('ResourceExhausted', 429), new SdkError('ResourceThrottled', 503), new SdkError('ECONNREFUSED')])(
  'a call that may have done its work is made again when it was refused: %s',
  async (error) => {
    const request = failing(error, error);
    expect(await call('Function Compute', 'InvokeFunction', request, { isOnce: true })).toBe('answer');
    expect(request).toHaveBeenCalledTimes(3);
  },
);

test.each<[SdkError, RegExp]>([
  [new SdkError('ServiceNotOpened', 403), /Activate Log Service for this account: https:/],
  [new SdkError('ProductNotActivated', 400), /Activate Log Service/],
  [new SdkError('InvalidAccessKeyId.NotFound', 404), /Check the access key/],
  [new SdkError('SignatureDoesNotMatch', 400), /Check the access key/],
  [new SdkError('Unauthorized', 401, 'AccessKeyId not found: LTAI'), /Check the access key/],
  [new SdkError('Unauthorized', 401, 'denied by sts or ram, action: log:GetLogStoreLogs'), /Allow this user log:GetLogStoreLogs/],
  [new SdkError('Forbidden.RAM', 403), /Allow this user log:GetLogStoreLogs: ram-policy.json/],
  [new SdkError('NoPermission', 403), /Allow this user log:GetLogStoreLogs/],
  [
    new SdkError('NoPermission', 403, "not allowed to perform 'eventbridge:CreateEventStreaming' on x"),
    /Allow this user eventbridge:CreateEventStreaming:/,
  ],
  [new SdkError('InvalidParameter.X', 400), /Look up the code: https:\/\/api.aliyun.com\/troubleshoot\?q=InvalidParameter\.X$/],
  [new SdkError('SecurityTokenExpired', 403), /Check the access key/],
])('%s says what to do', async (error, remedy) => {
  await expect(call('Log Service', 'GetLogs', failing(error))).rejects.toThrow(remedy);
});

test.each<[Error, string]>([
  [
    new SdkError('BIZ_X', 400, 'BIZ_X: code: 400, the instance i does not exist request id: 5C9A-11'),
    '(BIZ_X, status 400): the instance i does not exist (request 5C9A-11). ',
  ],
  [
    new Error("PUT /services/s failed with 404. requestid: 41dc-2, message: service 's' does not exist."),
    "(status 404): service 's' does not exist (request 41dc-2). ",
  ],
  [
    new SdkError('ProjectNotExist', 404, 'ProjectNotExist: The Project does not exist : p'),
    '(ProjectNotExist, status 404): The Project does not exist : p. ',
  ],
  [
    new SdkError('ECONNREFUSED', undefined, 'connect ECONNREFUSED 127.0.0.1:9GET http://127.0.0.1:9/2016-08-15/services failed.'),
    'connect ECONNREFUSED 127.0.0.1:9. Nothing listens there: run `npm run local:cloud`',
  ],
])('codes, status and request of %s stand in its message once', async (error, words) => {
  await expect(call('RAM', 'GetRole', alwaysFailing(error))).rejects.toThrow(words);
});

test('what a message quotes of a request is left out', async () => {
  const error = new SdkError('InvalidParameter', 400, `code: 400, wrong\n{"ES_PASSWORD":"canary"}`);
  await expect(call('VPC', 'Describe', failing(error))).rejects.not.toThrow(/canary/);
});

test('absent and existing are no errors where they are expected', async () => {
  const missing = () => call('VPC', 'Describe', failing(new SdkError('InvalidVpcId.NotFound', 404)));
  expect(await found(missing(), 'InvalidVpcId.NotFound')).toBeUndefined();
  await expect(found(missing(), 'Other')).rejects.toThrow('InvalidVpcId.NotFound');
  await made(call('VPC', 'Create', failing(new SdkError('EntityAlreadyExists.Role', 409))), 'EntityAlreadyExists.Role');
});
