// A cold start: loads a program as Function Compute does, initializes it, and ends with the response to its first event.
const { readFileSync } = require('node:fs');

const [, , file = '', eventFile = '', contextText = ''] = process.argv;
const context = JSON.parse(contextText);

/** @returns {Promise<import('../worker.ts').FunctionPackage>} */
const load = async () => (file.endsWith('.mjs') ? (await import(file)).default : require(file));

load().then(async ({ initialize, handler }) => {
  await initialize(context);
  const { written } = await handler(readFileSync(eventFile), context);
  process.exit(written === 1 ? 0 : 1);
});
