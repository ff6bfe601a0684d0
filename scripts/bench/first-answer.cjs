// A cold start: loads the package, initializes it, and ends with the answer to its first event. CommonJS, as it starts fastest.
const { readFileSync } = require('node:fs');

const [, , folder = '', eventFile = '', contextText = ''] = process.argv;

/** @type {import('./worker.ts').FunctionPackage} */
const { initialize, handler } = require(folder);

const context = JSON.parse(contextText);
initialize(context)
  .then(() => handler(readFileSync(eventFile), context))
  .then(
    ({ written }) => process.exit(written === 1 ? 0 : 1),
    () => process.exit(1),
  );
