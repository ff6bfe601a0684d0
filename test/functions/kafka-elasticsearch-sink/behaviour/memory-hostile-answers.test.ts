// What stands before Elasticsearch, or says that it is it, may answer what it likes.
import { expect, test } from 'vitest';
import { elasticsearch, plain } from '../../../support/elasticsearch/bulk-responses.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at } from '../../../support/function/records.ts';

const bytes = 32 * 1024 * 1024;
/** In MB, of the whole process. */
const memorySize = 512;
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const objects = `[{}${',{}'.repeat(bytes / 3)}]`;

test.each([
  ['JSON nested 100,000 deep', `{"items":[{"index":{"status":200,"x":${deep}}}],"error":{"type":"any_exception","caused_by":${deep}}}`],
  ['opening brackets', '['.repeat(bytes)],
  ['empty objects', objects],
  ['empty items', `{"items":${objects}}`],
])('an answer of any kind fits: %s', async (_, body) => {
  for (const status of [200, 400, 500]) {
    const answer = plain(status, {}, body);
    for (const respond of [elasticsearch(answer), elasticsearch(undefined, ({ path }) => (path === '/' ? answer : undefined))]) {
      await using under = await startWithServer(respond, { timeout: 5 });
      const { errorType, result } = await under.invoke(at(0));
      expect(result ?? errorType).toEqual(
        result ? expect.objectContaining({ received: 1 }) : expect.stringMatching(/^(Elasticsearch|Index)/),
      );
      expect(await under.fn.peakMemory()).toBeLessThan(memorySize);
    }
  }
});
