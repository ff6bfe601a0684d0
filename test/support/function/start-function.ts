// A program that invokes a function, prints the answer, and then waits for its end with a frozen instance.
import { localAccount } from '../../../scripts/local/runtime/function-config.ts';
import { LocalFunction } from '../../../scripts/local/runtime/local-function.ts';

const [, , codePath = ''] = process.argv;
const base = { functionName: 'test', codePath, handler: 'index.handler', environmentVariables: {}, timeout: 10, memorySize: 256 };
const { body } = await new LocalFunction({ generation: '3.0', ...localAccount, ...base }).invoke(Buffer.from(''));
process.stdout.write(`${body}\n`);
setInterval(() => undefined, 60_000);
