// A request that is refused as a whole is split until it fits, or its guilty operation is found.
import { expect, test } from 'vitest';
import { bulkRequests, elasticsearch, idsOf, items, operationsOf, plain, refusal } from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond, SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, id, records } from '../../../support/function/records.ts';

const guilty = (request: SeenRequest) => idsOf(request).includes(id(3));
const refusesGuilty =
  (refuse: Respond): Respond =>
  (response, request) =>
    (guilty(request) ? refuse : items())(response, request);

const wholeRefusals: readonly (readonly [string, Respond])[] = [
  ['400', refusal(400, 'action_request_validation_exception')],
  ['400 without a body', plain(400, {}, '')],
  ['413', plain(413, {}, '')],
];

test.concurrent.each(wholeRefusals)(
  'a request that is refused with %s for one operation is split until that one is rejected',
  async (_, refuse) => {
    await using under = await startWithServer(elasticsearch(refusesGuilty(refuse)));
    const { server, fn, invoke } = under;
    expect((await invoke(...records(9))).result).toMatchObject({ received: 9, written: 8, rejected: 1 });
    const taken = bulkRequests(server).filter((request) => !guilty(request));
    expect(taken.flatMap(idsOf).toSorted()).toEqual([0, 1, 2, 4, 5, 6, 7, 8].map(id));
    expect(fn.log('info')).toHaveLength(1);
    expect(fn.log('error')).toEqual([expect.objectContaining({ topic: 'orders', partition: 0, offset: 3 })]);
  },
);

test.concurrent.each(wholeRefusals)(
  'a request that is refused with %s for one operation, under stop: the others are written',
  async (_, refuse) => {
    await using under = await startWithServer(elasticsearch(refusesGuilty(refuse)), { variables: { ON_FAILURE: 'stop' } });
    const { server, invoke } = under;
    const outcome = await invoke(...records(9));
    expect(outcome.errorType).toBe('RecordsRejected');
    expect(outcome.errorMessage).toContain(id(3));
    const taken = bulkRequests(server).filter((request) => !guilty(request));
    expect(taken.flatMap(idsOf).toSorted()).toEqual([0, 1, 2, 4, 5, 6, 7, 8].map(id));
  },
);

test.concurrent('the halves are sent in order', async () => {
  await using under = await startWithServer(elasticsearch(refusesGuilty(plain(413, {}, ''))), { variables: { DOCUMENT_ID: 'key' } });
  const { server, invoke } = under;
  await invoke(...Array.from({ length: 9 }, (_, offset) => at(offset, { key: offset === 3 ? id(3) : 'same' })));
  const taken = bulkRequests(server).filter((request) => !guilty(request));
  const offsets = taken.flatMap(operationsOf).map(({ document }) => JSON.parse(document ?? '').msg_body.offset);
  expect(offsets).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
});

test.concurrent('requests over what the server takes are split until they fit, and nothing is rejected', async () => {
  const bulk: Respond = (response, request) => (request.body.length > 1500 ? plain(413, {}, '') : items())(response, request);
  await using under = await startWithServer(elasticsearch(bulk));
  const { invoke } = under;
  expect((await invoke(...records(40))).result).toMatchObject({ received: 40, written: 40, rejected: 0 });
});

test.concurrent("a 400 of the whole request for the only record of a batch is the target's fault where nothing tells otherwise", async () => {
  await using under = await startWithServer(elasticsearch(refusal(400, 'action_request_validation_exception')));
  const { invoke } = under;
  expect(await invoke(at(3))).toMatchObject({ errorType: 'IndexUnavailable' });
});

test.concurrent("a 400 of the whole request is the only record's fault when its type says that it cannot be parsed", async () => {
  await using under = await startWithServer(elasticsearch(refusal(400, 'x_content_parse_exception')));
  const { invoke } = under;
  expect((await invoke(at(3))).result).toMatchObject({ received: 1, rejected: 1 });
});

test.concurrent("a 400 of the whole request is the only record's fault when this instance wrote others to that index before", async () => {
  const refuse = refusal(400, 'action_request_validation_exception');
  await using under = await startWithServer(elasticsearch(refusesGuilty(refuse)));
  const { invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  expect((await invoke(at(3))).result).toMatchObject({ received: 1, rejected: 1 });
});
