// Stands in for Elasticsearch, in a process of its own: answers at once that everything is written, and stores nothing.
import { createServer } from 'node:http';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

process.on('disconnect', () => process.exit());

const lineFeed = 0x0a;
const about = { name: 'stand-in', cluster_name: 'stand-in', version: { number: '7.10.2', build_flavor: 'default' } };
const created = { acknowledged: true, shards_acknowledged: true };

const server = createServer(async (request, response) => {
  // The whole request is read first, as Elasticsearch does.
  const lines = await countLines(request);
  response.setHeader('x-elastic-product', 'Elasticsearch');
  response.setHeader('content-type', 'application/json');
  response.end(answer(request, lines));
});
// A connection that the server closes while the other program is measured would cost a failed request.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.send?.(address.port);
});

/** @param {IncomingMessage} request */
async function countLines(request) {
  let lines = 0;
  for await (const chunk of request) {
    for (let index = chunk.indexOf(lineFeed); index !== -1; index = chunk.indexOf(lineFeed, index + 1)) lines++;
  }
  return lines;
}

/**
 * @param {IncomingMessage} request
 * @param {number} lines
 */
function answer({ method, url = '' }, lines) {
  if (method === 'HEAD') return '';
  // Every operation is an action and a document, each on its line: nothing that is measured deletes.
  if (/\/_bulk(\?|$)/.test(url)) return `{"errors":false,"items":[${Array(lines / 2).fill('{"index":{"status":201}}')}]}`;
  if (method === 'PUT') return JSON.stringify(created);
  return JSON.stringify(/^\/(\?|$)/.test(url) ? about : {});
}
