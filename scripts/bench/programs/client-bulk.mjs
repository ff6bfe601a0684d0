// The official client's `bulk`, as its documentation uses it: https://www.elastic.co/docs/reference/elasticsearch/clients/javascript/bulk_examples
import { bulkRecords, client, operationsOf, recordsOf } from './client.mjs';

// The face of the function package.
export default { initialize: async () => undefined, handler };

/** @param {Buffer} event */
async function handler(event) {
  const records = recordsOf(event);
  for (let start = 0; start < records.length; start += bulkRecords) {
    const { errors } = await client.bulk({ operations: operationsOf(records.slice(start, start + bulkRecords)) });
    if (errors) throw new Error('an operation failed');
  }
  return { written: records.length };
}
