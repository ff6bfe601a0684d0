// One program, the function package or one that it is compared with, alone in a process, invoked with events again and again.
import { readFileSync } from 'node:fs';

/**
 * @typedef {import('./worker.ts').FunctionPackage} FunctionPackage
 * @typedef {import('./worker.ts').WorkRequest} WorkRequest
 * @typedef {import('./worker.ts').WorkResponse} WorkResponse
 */

process.on('disconnect', () => process.exit());
process.on('message', async (/** @type {WorkRequest} */ request) => {
  process.send?.(await run(request).catch(describe));
});

const [, , programFile = '', contextText = ''] = process.argv;
const context = JSON.parse(contextText);
/** @type {Map<string, Buffer>} */
const events = new Map();
const opened = open();
// The request that waits for it reports its failure.
opened.catch(() => undefined);

async function open() {
  /** @type {{ readonly default: FunctionPackage }} */
  const { default: program } = await import(programFile);
  await program.initialize(context);
  return program;
}

/**
 * Read here: the memory of a message would count as the program's.
 * @param {string} file
 */
function eventOf(file) {
  const event = events.get(file) ?? readFileSync(file);
  events.set(file, event);
  return event;
}

/**
 * @param {WorkRequest} request
 * @returns {Promise<WorkResponse>}
 */
async function run({ file, cpuMilliseconds, invocations: least }) {
  const { handler } = await opened;
  const event = eventOf(file);
  const memoryBefore = process.memoryUsage.rss();
  const before = process.cpuUsage();
  let used = 0;
  let invocations = 0;
  let written = 0;
  do {
    ({ written } = await handler(event, context));
    invocations++;
    const { user, system } = process.cpuUsage(before);
    used = user + system;
  } while (used < cpuMilliseconds * 1000 || invocations < least);
  const memoryGrowth = process.resourceUsage().maxRSS * 1024 - memoryBefore;
  return { ok: true, written, cpuMicroseconds: used / invocations, memoryGrowth };
}

/**
 * @param {unknown} error
 * @returns {WorkResponse}
 */
function describe(error) {
  return { ok: false, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
