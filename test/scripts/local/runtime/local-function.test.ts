import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { deployInline } from '../../../support/function/inline-function.ts';

const echoing = 'exports.handler = async (event) => event.toString()';

function linesOf(lines: readonly { readonly text: string; readonly source: string }[], source: 'function' | 'platform'): string[] {
  return lines.filter((line) => line.source === source).map(({ text }) => text);
}

test('the event is a Buffer of the bytes that were sent', async () => {
  await using fn = await deployInline('exports.handler = async (event) => `${Buffer.isBuffer(event)} ${event.toString("hex")}`');
  const { body } = await fn.fc.invoke(Buffer.from([0, 255, 10]));
  expect(body.toString()).toBe('true 00ff0a');
});

test.each([
  ['a Buffer, as it is', 'Buffer.from([1, 2])', Buffer.from([1, 2])],
  ['an object, as JSON', '({ a: [1] })', Buffer.from('{"a":[1]}')],
  ['a text', '"杭州"', Buffer.from('杭州')],
  ['a number, as text', '7', Buffer.from('7')],
  ['nothing, as text', 'undefined', Buffer.from('undefined')],
])('a handler returns %s', async (_, value, expected) => {
  await using fn = await deployInline(`exports.handler = async () => ${value}`);
  const { body, functionError, statusCode } = await fn.call();
  expect({ body, functionError, statusCode }).toEqual({ body: expected, functionError: undefined, statusCode: 200 });
});

test('a handler may be an ES module', async () => {
  await using fn = await deployInline(
    'export const handler = async () => import.meta.url.endsWith("index.mjs")',
    {},
    { file: 'index.mjs' },
  );
  expect((await fn.call()).text).toBe('true');
});

test('an instance sees the variables of Function Compute and its own, and nothing of this machine', async () => {
  await using fn = await deployInline('exports.handler = async () => process.env', { environmentVariables: { MY_OWN: '1' } });
  const names = Object.keys(JSON.parse((await fn.call()).text) as object).filter((name) => !name.startsWith('NODE_CHANNEL_'));
  expect(names.sort()).toEqual([
    'ALIBABA_CLOUD_ACCESS_KEY_ID',
    'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
    'ALIBABA_CLOUD_SECURITY_TOKEN',
    'FC_ACCOUNT_ID',
    'FC_FUNCTION_HANDLER',
    'FC_FUNCTION_MEMORY_SIZE',
    'FC_FUNCTION_NAME',
    'FC_FUNC_CODE_PATH',
    'FC_INSTANCE_ID',
    'FC_REGION',
    'MY_OWN',
  ]);
});

test('an instance of 2.0 sees its service, too', async () => {
  await using fn = await deployInline('exports.handler = async () => process.env', { generation: '2.0' });
  expect(JSON.parse((await fn.call()).text)).toMatchObject({ FC_SERVICE_NAME: 'local', FC_QUALIFIER: 'LATEST' });
});

const shapes = `exports.handler = async (event, context) => JSON.stringify(context, (name, value) => typeof value === 'function' ? 'function' : value)`;

test('the context of 2.0 names the service and the trace; its request id is a UUID', async () => {
  await using fn = await deployInline(shapes, { generation: '2.0' });
  const { text, requestId } = await fn.call();
  expect(JSON.parse(text)).toMatchObject({
    requestId,
    credentials: { accessKeyId: expect.any(String), accessKeySecret: expect.any(String), securityToken: expect.any(String) },
    function: { name: 'test', handler: 'index.handler', memory: 256, timeout: 10 },
    service: { name: 'local', logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
    region: 'cn-hangzhou',
    accountId: '1234567890123456',
    tracing: expect.any(Object),
    logger: { debug: 'function', info: 'function', warn: 'function', error: 'function', log: 'function' },
  });
  expect(requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
});

test('the context of 3.0 has no name of a service and no trace; its request id holds the time', async () => {
  await using fn = await deployInline(shapes);
  const { text, requestId } = await fn.call();
  const context = JSON.parse(text) as { service: object };
  expect(context.service).toEqual({ logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' });
  expect(context).not.toHaveProperty('tracing');
  expect(requestId).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
});

const counting = `let initialized = 0; let invoked = 0;
exports.initialize = async () => { initialized++; };
exports.handler = async () => ({ initialized, invoked: ++invoked });`;
const initializer = { handler: 'index.initialize', timeout: 1 };

test('the initializer runs once an instance, before its first event', async () => {
  await using fn = await deployInline(counting, { initializer });
  expect((await fn.call()).text).toBe('{"initialized":1,"invoked":1}');
  expect((await fn.call()).text).toBe('{"initialized":1,"invoked":2}');
});

test('a failed initializer fails the invocation, and the next one gets a new instance', async () => {
  const failingOnce = `const { existsSync, writeFileSync } = require('node:fs');
    exports.initialize = async () => { if (!existsSync('seen')) { writeFileSync('seen', ''); throw new Error('not yet'); } };
    exports.handler = async () => 'done';`;
  await using fn = await deployInline(failingOnce, { initializer });
  const failed = await fn.call();
  expect(failed).toMatchObject({
    statusCode: 200,
    functionError: 'InitializationError',
    headers: { 'X-Fc-Error-Type': 'InitializationError' },
  });
  expect(JSON.parse(failed.text)).toMatchObject({ errorMessage: 'not yet', errorType: 'Error' });
  const next = await fn.call();
  expect(next.text).toBe('done');
  expect(next.headers['X-Fc-Instance-Id']).not.toBe(failed.headers['X-Fc-Instance-Id']);
});

test('an initializer that takes longer than its own timeout fails', async () => {
  await using fn = await deployInline(
    'exports.initialize = () => new Promise(() => setInterval(() => {}, 1000)); exports.handler = async () => 1',
    { initializer },
  );
  expect(await fn.call()).toMatchObject({
    functionError: 'InitializationError',
    text: expect.stringContaining('timed out after 1 seconds'),
  });
});

test('an error is an answer with status 200, its name, message and stack, and a header', async () => {
  await using fn = await deployInline(
    'exports.handler = async () => { class Refused extends Error { name = "Refused" } throw new Refused("no"); }',
  );
  const { headers, statusCode, text } = await fn.call();
  expect({ statusCode, type: headers['X-Fc-Error-Type'] }).toEqual({ statusCode: 200, type: 'UnhandledInvocationError' });
  expect(JSON.parse(text)).toEqual({
    errorMessage: 'no',
    errorType: 'Refused',
    stackTrace: expect.arrayContaining([expect.stringContaining('index.js')]),
  });
});

test('what is thrown and no error is an error message alone', async () => {
  await using fn = await deployInline('exports.handler = async () => { throw "oops"; }');
  expect(JSON.parse((await fn.call()).text)).toEqual({ errorMessage: 'oops' });
});

test('a handler that is not there is an error that names it', async () => {
  await using fn = await deployInline(echoing, { handler: 'index.other' });
  expect((await fn.call()).text).toContain("Module 'index' is missing handler 'other'");
});

test('a function that takes longer than its timeout is ended, and the next invocation gets a new instance', async () => {
  await using fn = await deployInline(
    'let calls = 0; exports.handler = (event) => event.length ? "fine " + ++calls : new Promise(() => setInterval(() => {}, 1000))',
    { timeout: 1 },
  );
  const { functionError, text } = await fn.call();
  expect(functionError).toBe('UnhandledInvocationError');
  expect(JSON.parse(text)).toMatchObject({
    errorMessage: expect.stringMatching(/^Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)$/),
    errorType: 'FunctionTimeoutError',
  });
  expect((await fn.call('x')).text).toBe('fine 1');
});

test('a function that never gives its thread back is ended, too', async () => {
  await using fn = await deployInline('exports.handler = async () => { for (;;); }', { timeout: 1 });
  expect((await fn.call()).text).toContain('Function timed out');
});

test('a function that holds more than its memory is ended, and the next invocation gets a new instance', async () => {
  const hoarding =
    'exports.handler = async (event) => { if (event.length) return "fine"; globalThis.held = Buffer.alloc(300e6, 1); await new Promise((resolve) => setTimeout(resolve, 5000)); return "not ended"; }';
  await using fn = await deployInline(hoarding, { memorySize: 128 });
  const { functionError, text } = await fn.call();
  expect(functionError).toBe('UnhandledInvocationError');
  expect(JSON.parse(text)).toMatchObject({ errorType: 'FunctionOOMError', errorMessage: expect.stringContaining('128 MB') });
  expect((await fn.call('x')).text).toBe('fine');
});

test.each([
  ['exits', 'process.exit(0)'],
  [
    'throws where nobody can catch it',
    'setTimeout(() => { throw new Error("late"); }); await new Promise(() => setInterval(() => {}, 1000))',
  ],
  ['rejects where nobody looks', 'Promise.reject(new Error("unseen")); await new Promise(() => setInterval(() => {}, 1000))'],
])('a process that %s is an answer, and the next invocation gets a new instance', async (_, code) => {
  await using fn = await deployInline(`exports.handler = async (event) => { if (event.length) return "fine"; ${code}; }`);
  const { functionError, text } = await fn.call();
  expect(functionError).toBe('UnhandledInvocationError');
  expect(JSON.parse(text)).toEqual({
    errorMessage: expect.stringMatching(
      /^Process exited unexpectedly before completing request \(duration: \d+ms, maxMemoryUsage: \d+MB\)$/,
    ),
  });
  expect((await fn.call('x')).text).toBe('fine');
});

test('the log holds the start, the lines of the function and the end, each with the request id, before the answer is there', async () => {
  const talking =
    'exports.handler = async (event, context) => { process.stdout.write("verbatim\\n"); console.log("said", { a: 1 }); context.logger.warn("careful"); process.stderr.write("no line break"); }';
  await using fn = await deployInline(talking);
  const { requestId } = await fn.call();
  expect(fn.lines.every((line) => line.requestId === requestId)).toBe(true);
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
  const own = linesOf(fn.lines, 'function');
  expect(own).toHaveLength(4);
  expect(own.filter((text) => !text.startsWith('no line'))).toEqual([
    'verbatim',
    expect.stringMatching(new RegExp(`^${time} ${requestId} \\[silly\\] said { a: 1 }$`)),
    expect.stringMatching(new RegExp(`^${time} ${requestId} \\[warn\\] careful$`)),
  ]);
  expect(linesOf(fn.lines, 'platform')).toEqual([
    `FC Invoke Start RequestId: ${requestId}`,
    `FC Invoke End RequestId: ${requestId}`,
    expect.stringMatching(/^Duration: [\d.]+ ms, Billed Duration: \d+ ms, Memory Size: 256 MB, Max Memory Used: [\d.]+ MB$/),
  ]);
});

test('the last words of a process that ends are in the log', async () => {
  await using fn = await deployInline('exports.handler = async () => { console.error("about to end"); process.exit(1); }');
  await fn.call();
  expect(linesOf(fn.lines, 'function')).toEqual([expect.stringContaining('about to end')]);
});

test('when the answer is there, all lines are, however many there were', async () => {
  await using fn = await deployInline(
    'exports.handler = async () => { process.stdout.write("line\\n".repeat(50_000)); process.stderr.write("line\\n".repeat(50_000)); }',
  );
  await fn.call();
  expect(linesOf(fn.lines, 'function')).toHaveLength(100_000);
});

test('empty lines of a function stay', async () => {
  await using fn = await deployInline('exports.handler = async () => { process.stdout.write("a\\n\\nb\\n\\n"); }');
  await fn.call();
  expect(linesOf(fn.lines, 'function').filter((text) => text !== '')).toEqual(['a', 'b']);
  expect(linesOf(fn.lines, 'function').slice(0, 3)).toEqual(['a', '', 'b']);
});

test('a line is cut at 32 KB', async () => {
  await using fn = await deployInline('exports.handler = async () => { process.stdout.write("杭".repeat(20000) + "\\n"); }');
  await fn.call();
  const [text = ''] = linesOf(fn.lines, 'function');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(32 * 1024);
  expect(text).toMatch(/^杭{10000,}$/);
});

test('the tail is the last 4 KB of the log, and only there when it is asked for', async () => {
  await using fn = await deployInline(
    'exports.handler = async () => { for (let i = 0; i < 1000; i++) process.stdout.write(`line ${i}\\n`); }',
  );
  const tail = Buffer.from((await fn.call()).headers['X-Fc-Log-Result'] ?? '', 'base64').toString();
  expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(4096);
  expect(tail).toContain('line 999\nFC Invoke End RequestId: ');
  expect(tail).not.toContain('line 100\n');
  expect((await fn.fc.invoke(Buffer.from(''))).headers).not.toHaveProperty('X-Fc-Log-Result');
});

test('an answer names its request, its instance, its duration and its memory', async () => {
  await using fn = await deployInline(echoing, { generation: '2.0' });
  const { headers, requestId } = await fn.call();
  expect(headers).toMatchObject({
    'X-Fc-Request-Id': requestId,
    'X-Fc-Instance-Id': expect.stringMatching(/^c-/),
    'X-Fc-Invocation-Duration': expect.stringMatching(/^\d+$/),
    'X-Fc-Max-Memory-Usage': expect.stringMatching(/^\d+\.\d\d$/),
    'X-Fc-Invocation-Service-Version': 'LATEST',
  });
  expect(Number(headers['X-Fc-Max-Memory-Usage'])).toBeGreaterThan(10);
});

test('an event of 32 MB is taken, and one byte more is refused', async () => {
  await using fn = await deployInline('exports.handler = async (event) => event.length', { memorySize: 512 });
  const limit = 32 * 1024 * 1024;
  expect((await fn.fc.invoke(Buffer.alloc(limit))).body.toString()).toBe(String(limit));
  await expect(fn.fc.invoke(Buffer.alloc(limit + 1))).rejects.toMatchObject({ code: 'EntityTooLarge', status: 400 });
});

const slow =
  'exports.handler = async () => { await new Promise((resolve) => setTimeout(resolve, 300)); return process.env.FC_INSTANCE_ID; }';

test('two invocations at once get two instances, and one after the other one', async () => {
  await using fn = await deployInline(slow);
  const [first, second] = await Promise.all([fn.call(), fn.call()]);
  expect(first.text).not.toBe(second.text);
  expect([first.text, second.text]).toContain((await fn.call()).text);
});

test('beyond the most instances an invocation is refused with 429', async () => {
  await using fn = await deployInline(slow, {}, { maxInstances: 2 });
  const calls = [fn.call(), fn.call(), fn.call()];
  await expect(calls[2]).rejects.toMatchObject({ code: 'ResourceExhausted', status: 429 });
  await Promise.all(calls.slice(0, 2));
});

test('between invocations an instance is frozen: no timer of it gets on', async () => {
  await using fn = await deployInline('let ticks = 0; setInterval(() => ticks++, 10); exports.handler = async () => ticks');
  const before = Number((await fn.call()).text);
  await sleep(600);
  expect(Number((await fn.call()).text) - before).toBeLessThan(20);
});

test('a frozen instance ends with the process that started it, even when that is killed', async () => {
  await using fn = await deployInline('exports.handler = async () => process.pid');
  const program = execa(process.execPath, ['--import', 'tsx', 'test/support/function/start-function.ts', fn.codePath], { reject: false });
  const [chunk] = (await once(program.stdout, 'data')) as [Buffer];
  const pid = Number(chunk.toString());
  expect(isAlive(pid)).toBe(true);
  program.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
});

test('an instance that idles runs preStop and ends', async () => {
  const code = 'exports.handler = async () => 1; exports.preStop = async () => { console.log("stopping"); }';
  await using fn = await deployInline(code, { preStop: { handler: 'index.preStop', timeout: 3 } }, { idleMs: 50 });
  await fn.call();
  const [pid = 0] = fn.fc.pids;
  await expect.poll(() => linesOf(fn.lines, 'function').join()).toContain('stopping');
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('an instance that is busy when its function is stopped ends after its invocation', async () => {
  const wait = 'new Promise((resolve) => setTimeout(resolve, 1000))';
  const code = `exports.handler = async () => { console.log('working'); await ${wait}; return 'done'; }; exports.preStop = async () => 'stopped'`;
  await using fn = await deployInline(code, { preStop: { handler: 'index.preStop', timeout: 3 } });
  const call = fn.call();
  await expect.poll(() => linesOf(fn.lines, 'function').join()).toContain('working');
  await fn.fc.stop();
  expect((await call).text).toBe('done');
  expect(fn.fc.pids).toEqual([]);
});

test('a preStop that takes longer than its timeout is cut off', async () => {
  const code = 'exports.handler = async () => 1; exports.preStop = () => new Promise(() => setInterval(() => {}, 1000))';
  await using fn = await deployInline(code, { preStop: { handler: 'index.preStop', timeout: 1 } });
  await fn.call();
  const [pid = 0] = fn.fc.pids;
  await fn.fc.stop();
  expect(isAlive(pid)).toBe(false);
});

test.each([
  ['timeout', { timeout: 0 }],
  ['timeout', { timeout: 86_401 }],
  ['initializationTimeout', { initializer: { handler: 'index.initialize', timeout: 301 } }],
  ['preStop timeout', { preStop: { handler: 'index.preStop', timeout: 91 } }],
  ['memorySize', { memorySize: 64 }],
  ['4096 are allowed', { environmentVariables: { A: 'x'.repeat(4096) } }],
  ['1A is not a letter', { environmentVariables: { '1A': '' } }],
  ['FC_X is reserved', { environmentVariables: { FC_X: '' } }],
  ['topic is reserved', { environmentVariables: { topic: '' } }],
])('a function is refused for its %s', async (message, changes) => {
  await expect(deployInline(echoing, changes)).rejects.toMatchObject({
    code: 'InvalidArgument',
    message: expect.stringContaining(message),
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
