// The official client's bulk helper: https://www.elastic.co/docs/reference/elasticsearch/clients/javascript/client-helpers
import { actionOf, client, documentOf, recordsOf } from './client.mjs';

// The face of the function package.
export default { initialize: async () => undefined, handler };

/** @param {Buffer} event */
async function handler(event) {
  const { failed, successful } = await client.helpers.bulk({
    datasource: recordsOf(event),
    onDocument: (record) => [actionOf(record), documentOf(record)],
  });
  if (failed > 0) throw new Error('an operation failed');
  return { written: successful };
}
