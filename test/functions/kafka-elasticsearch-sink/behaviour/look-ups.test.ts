// Look-ups that are answered with something else tell nothing.
import { expect, test } from 'vitest';
import { elasticsearch, isBulk, items, ok, plain, reason } from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, id } from '../../../support/function/records.ts';

const strange = [
  ['HTML', plain(200, { 'content-type': 'text/html' }, '<html></html>')],
  ['nothing', plain(200, {}, '')],
  ['a text', json(200, 'ok')],
  ['an envelope of its own', json(200, { code: 0, msg: 'success', data: null })],
  ['nulls', json(200, { error: null, data: null, templates: [null] })],
  ['a list', json(200, [null])],
  ['404 of its own', json(404, { timestamp: 1, status: 404, error: 'Not Found', path: '/x' })],
] as const;

test.concurrent.each(strange)(
  'look-ups that are answered with %s tell nothing: the record is at fault, the other is written',
  async (_, answer) => {
    const other = (request: SeenRequest) => (isBulk(request) || request.method === 'HEAD' ? undefined : answer);
    const limit = reason(400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded');
    const bulk = items(({ id: sent }) => (sent === id(1) ? limit : ok));
    await using under = await startWithServer(elasticsearch(bulk, other), { variables: { ES_PIPELINE: 'pipe' }, timeout: 20 });
    expect((await under.invoke(at(0), at(1))).result).toMatchObject({ written: 1, rejected: 1 });
  },
);

test.concurrent.each(strange)(
  'an index that is missing where look-ups are answered with %s: records are sent all the same',
  async (_, answer) => {
    const other = (request: SeenRequest) => {
      if (isBulk(request)) return undefined;
      return request.method === 'HEAD' ? plain(404, {}, '') : answer;
    };
    await using under = await startWithServer(elasticsearch(items(), other), { timeout: 20 });
    const { errorType, result } = await under.invoke(at(0), at(1));
    // 200 to a PUT is taken for its word.
    expect([errorType, result?.written]).toEqual([undefined, 2]);
  },
);
