// What runs inside an instance: loads the function's code and carries messages between it and instance.ts.
import { createRequire } from 'node:module';
import { inspect } from 'node:util';

/**
 * @typedef {import('./instance.ts').Call} Call
 * @typedef {import('./instance.ts').Reply} Reply
 */

const require = createRequire(`${process.env.FC_FUNC_CODE_PATH}/`);
let requestId = '';

process.on('disconnect', () => process.exit());
process.on('message', async (/** @type {Call} */ call) => {
  requestId = call.context.requestId;
  reply(await run(call));
});

// https://www.alibabacloud.com/help/en/functioncompute/fc/log-management-4
for (const level of /** @type {const} */ (['debug', 'info', 'warn', 'error', 'log'])) {
  console[level] = (...values) => {
    const text = values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ');
    process.stdout.write(`${new Date().toISOString()} ${requestId} [${level === 'log' ? 'silly' : level}] ${text}\n`);
  };
}

/**
 * @param {Call} call
 * @returns {Promise<Reply>}
 */
async function run({ hook, event, context }) {
  try {
    const [file, name] = hook.split('.');
    const code = require(`./${file}.js`);
    const full = { ...context, logger: console };
    const value = await (event ? code[name ?? ''](Buffer.from(event), full) : code[name ?? ''](full));
    return { ok: true, payload: convert(value) };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

/**
 * https://www.alibabacloud.com/help/en/functioncompute/fc/request-handlers
 * @param {unknown} value
 */
function convert(value) {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/**
 * https://www.alibabacloud.com/help/en/functioncompute/fc/error-handling-nodejs
 * @param {unknown} error
 */
function describe(error) {
  if (!(error instanceof Error)) return { errorMessage: String(error), errorType: 'Error', stackTrace: [] };
  return { errorMessage: error.message, errorType: error.name, stackTrace: error.stack?.split('\n') ?? [] };
}

/** @param {Reply} message */
function reply(message) {
  process.send?.(message);
}
