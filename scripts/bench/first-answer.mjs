// A cold start: loads a program, initializes it, and ends with the answer to its first event.
import { readFileSync } from 'node:fs';

const [, , file = '', eventFile = '', contextText = ''] = process.argv;

/** @type {{ readonly default: import('./worker.ts').FunctionPackage }} */
const { default: program } = await import(file);

const context = JSON.parse(contextText);
await program.initialize(context);
const { written } = await program.handler(readFileSync(eventFile), context);
process.exit(written === 1 ? 0 : 1);
