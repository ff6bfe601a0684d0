import type { Checker } from '../target.ts';
import { BuiltFunction } from './built-function.ts';
import { Server } from './server.ts';

/** Opens what checks each of a target's inputs with the built function and a server that plays Elasticsearch. */
export async function openFunction<Input>(
  check: (input: Input, server: Server, fn: BuiltFunction) => Promise<void>,
): Promise<Checker<Input>> {
  const server = await Server.start();
  const fn = new BuiltFunction();
  return {
    check: (input) => check(input, server, fn),
    [Symbol.asyncDispose]: async () => {
      await fn[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
