// Stands in for Elasticsearch, in a process of its own: counts what it is sent, responds at once that everything is written, and stores nothing.
import { createServer } from 'node:http';

/**
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('./stand-in.ts').Counts} Counts
 */

process.on('disconnect', () => process.exit());

const [, , bulkStatus = '200'] = process.argv;
const lineFeed = 0x0a;
const about = {
  name: 'stand-in',
  cluster_name: 'stand-in',
  version: { number: '7.10.2', build_flavor: 'default' },
  tagline: 'You Know, for Search',
};
const created = { acknowledged: true, shards_acknowledged: true };

let requests = 0;
let records = 0;
/** @type {Set<string>} */
const ids = new Set();

process.on('message', () => {
  /** @type {Counts} */
  const counts = { requests, records, documents: ids.size };
  process.send?.(counts);
});

const server = createServer(async (request, response) => {
  // The whole request is read first, as Elasticsearch does.
  const operations = await readOperations(request);
  const isBulk = isBulkRequest(request);
  if (isBulk) requests++;
  response.setHeader('x-elastic-product', 'Elasticsearch');
  response.setHeader('content-type', 'application/json');
  if (isBulk) response.statusCode = Number(bulkStatus);
  response.end(responseBody(request, operations));
});
// A connection that the server closes while the other program is measured would cost a failed request.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.send?.(address.port);
});

/** @param {IncomingMessage} request */
function isBulkRequest({ url = '' }) {
  return /\/_bulk(\?|$)/.test(url);
}

/**
 * Every operation is an action and a document, each on its line: nothing that is measured deletes. Actions alone are looked at.
 * @param {IncomingMessage} request
 */
async function readOperations(request) {
  let lines = 0;
  /** The part of an action that the chunk before ended with. */
  let begun = '';
  for await (const chunk of request) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      if (lines % 2 === 0) count(begun + chunk.latin1Slice(start, end));
      begun = '';
      lines++;
      start = end + 1;
    }
    if (lines % 2 === 0) begun += chunk.latin1Slice(start);
  }
  return lines / 2;
}

/** @param {string} action */
function count(action) {
  if (bulkStatus !== '200') return;
  records++;
  const id = /"_id"\s*:\s*"([^"]*)"/.exec(action)?.[1];
  if (id !== undefined) ids.add(id);
}

/**
 * @param {IncomingMessage} request
 * @param {number} operations
 */
function responseBody(request, operations) {
  const { method, url = '' } = request;
  if (method === 'HEAD') return '';
  if (isBulkRequest(request))
    return `{"took":0,"errors":false,"items":[${Array(Math.floor(operations)).fill('{"index":{"status":201}}')}]}`;
  if (method === 'PUT') return JSON.stringify(created);
  return JSON.stringify(/^\/(\?|$)/.test(url) ? about : {});
}
