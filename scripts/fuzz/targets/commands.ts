import fc from 'fast-check';
import type { BuiltFunction } from '../function/built-function.ts';
import { openFunction } from '../function/open-function.ts';
import { assertSound } from '../function/outcome.ts';
import { assertRequest } from '../function/requests.ts';
import { respondJson, respondToOthers, type Server } from '../function/server.ts';
import { validSettings } from '../function/settings.ts';
import { canary, hostileText } from '../hostile-text.ts';
import { fuzzTarget } from '../target.ts';

const commands = fc.constantFrom('check', 'find', 'produce', 'audit', 'replay', 'CHECK', '__proto__', '');
const names = fc.constantFrom(
  ...[
    'topic',
    'partition',
    'offset',
    'key',
    'timestamp',
    'value',
    'headers',
    'count',
    'from',
    'to',
    'repair',
    'deadLetterTopic',
    'errorType',
  ],
  ...['since', 'until', 'dryRun', 'force', 'constructor', '__proto__'],
);
const values = fc.oneof(
  fc.constantFrom(
    'orders',
    'error-index',
    'error-data',
    'dead-letter',
    '[1,"a"]',
    '2026-11-24T21:12:14Z',
    0,
    7,
    -1,
    1.5,
    1e308,
    true,
    null,
  ),
  hostileText.map((text) => `${text}${canary}`),
  fc.jsonValue({ maxDepth: 3 }),
);
const position = { topic: 'orders', partition: 0, offset: 7, key: `${canary}-key` };
const inputs = fc.record({
  command: fc.oneof({ weight: 8, arbitrary: commands }, hostileText),
  isPlaced: fc.boolean(),
  members: fc.array(fc.tuple(names, values), { maxLength: 8 }),
  variables: validSettings,
});
type Input = typeof inputs extends fc.Arbitrary<infer One> ? One : never;

/** Any object for a command: it is answered, or refused with an error of the list, and tells nothing. */
export default fuzzTarget({
  name: 'commands',
  module: import.meta.url,
  weight: 5,
  inputs,
  open: () => openFunction(check),
});

const timeoutMs = 20_000;

async function check({ command, isPlaced, members, variables }: Input, server: Server, fn: BuiltFunction): Promise<void> {
  server.begin((response, request) => {
    if (/\/_search/.test(request.path)) respondJson(response, 200, { hits: { hits: [] } });
    else respondToOthers(response, request);
  });
  const event = Buffer.from(JSON.stringify({ ...(isPlaced && position), ...Object.fromEntries(members), command }));
  const outcome = await fn.invoke(event, { ...variables, ES_ENDPOINT: server.address }, timeoutMs);
  assertSound(outcome);
  for (const request of server.requests) assertRequest(request, variables);
}
