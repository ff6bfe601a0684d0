// One program, the function package or the bare loop, alone in a process and invoked with one event again and again.
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

const [, , programFile = '', eventFile = '', contextText = ''] = process.argv;
const context = JSON.parse(contextText);
// Read here: the memory of a message would count as the program's.
const event = readFileSync(eventFile);
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
 * @param {WorkRequest} request
 * @returns {Promise<WorkResponse>}
 */
async function run({ cpuMilliseconds }) {
  const { handler } = await opened;
  const before = process.cpuUsage();
  let used = 0;
  let invocations = 0;
  let written = 0;
  do {
    ({ written } = await handler(event, context));
    invocations++;
    const { user, system } = process.cpuUsage(before);
    used = user + system;
  } while (used < cpuMilliseconds * 1000);
  return { ok: true, written, cpuMicroseconds: used / invocations, peakMemory: process.resourceUsage().maxRSS / 1024 };
}

/**
 * @param {unknown} error
 * @returns {WorkResponse}
 */
function describe(error) {
  return { ok: false, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
