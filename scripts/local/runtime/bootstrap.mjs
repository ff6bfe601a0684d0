// What runs inside an instance: loads the function's code and carries messages between it and instance.ts.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

/**
 * @typedef {import('./instance.ts').Call} Call
 * @typedef {import('./instance.ts').Reply} Reply
 */

const codePath = process.env.FC_FUNC_CODE_PATH ?? '';
const require = createRequire(`${codePath}/`);
let requestId = '';

process.on('disconnect', () => process.exit());
process.on('message', async (/** @type {Call} */ call) => {
  requestId = call.context.requestId;
  const answer = await run(call);
  // After this line nothing more of the invocation comes: whoever reads can wait for it.
  for (const output of [process.stdout, process.stderr]) output.write(`\n${call.endMark}\n`);
  process.send?.(answer);
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
    const [file = '', name = ''] = hook.split('.');
    const code = await load(file);
    if (typeof code[name] !== 'function') throw new Error(`Module '${file}' is missing handler '${name}'.`);
    const full = { ...context, logger: console };
    return { ok: true, payload: convert(await (event ? code[name](Buffer.from(event), full) : code[name](full))) };
  } catch (error) {
    return { ok: false, fault: describe(error) };
  }
}

/** @param {string} file */
async function load(file) {
  const module = join(codePath, `${file}.mjs`);
  return existsSync(module) ? import(pathToFileURL(module).href) : require(`./${file}.js`);
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
  if (!(error instanceof Error)) return { errorMessage: String(error) };
  return { errorMessage: error.message, errorType: error.name, stackTrace: error.stack?.split('\n') ?? [] };
}
