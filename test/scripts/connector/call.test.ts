import { expect, test, vi } from 'vitest';
import { call, found, made } from '../../../scripts/connector/cloud/call.ts';

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

test.each([
  new SdkError('Throttling.User', 400),
  new SdkError('ResourceExhausted', 429),
  new SdkError('InternalError', 500),
  new SdkError('', 503),
  new SdkError('ECONNRESET'),
  new SdkError('', undefined, 'ReadTimeout(10000)'),
  new Error('GET /services failed with 503. requestid: 1'),
])('%s is tried again', async (error) => {
  const request = failing(error);
  expect(await call('VPC', 'Describe', request)).toBe('answer');
  expect(request).toHaveBeenCalledTimes(2);
});

test.each([new SdkError('InvalidParameter', 400), new SdkError('EntityNotExist.Role', 404), new Error('a mistake of ours')])(
  '%s is not',
  async (error) => {
    const request = failing(error, error);
    await expect(call('VPC', 'Describe', request)).rejects.toThrow('VPC: Describe failed');
    expect(request).toHaveBeenCalledTimes(1);
  },
);

test('a call that may have done its work is made once', async () => {
  const request = failing(new SdkError('', 503));
  await expect(call('Function Compute', 'InvokeFunction', request, 1)).rejects.toThrow(
    'It is not clear whether it was done: look before you run the command again',
  );
  expect(request).toHaveBeenCalledTimes(1);
});

test.each<[SdkError, RegExp]>([
  [new SdkError('ServiceNotOpened', 403), /Activate Log Service for this account: https:/],
  [new SdkError('ProductNotActivated', 400), /Activate Log Service/],
  [new SdkError('InvalidAccessKeyId.NotFound', 404), /Check the access key/],
  [new SdkError('SignatureDoesNotMatch', 400), /Check the access key/],
  [new SdkError('Forbidden.RAM', 403), /Allow this user the action GetProject: ram-policy.json/],
  [new SdkError('NoPermission', 403), /Allow this user the action GetProject/],
])('%s says what to do', async (error, remedy) => {
  await expect(call('Log Service', 'GetProject', failing(error))).rejects.toThrow(remedy);
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
