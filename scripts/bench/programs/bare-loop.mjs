// The least that any program does to move an event: what the function is measured against. It finds no boundaries, builds no documents,
// judges no outcomes and repeats nothing.
import { isUtf8 } from 'node:buffer';
import { Agent, request } from 'node:http';

/**
 * @typedef {{ readonly topic: string, readonly partition: number, readonly offset: number }} Position
 * @typedef {Position & { readonly data?: Position }} Element
 */

// The function's own limits of a request, so that both send as many.
const maxBytes = 5_242_880;
const maxRecords = 2000;
const actionBytes = 200;
const lineFeed = 0x0a;

const endpoint = process.env.ES_ENDPOINT ?? '';
const agent = new Agent({ keepAlive: true });
const headers = { 'content-type': 'application/x-ndjson' };
const path = '/_bulk?filter_path=errors,items.*.status,items.*.error.type';

// The face of the function package.
export default { initialize: async () => undefined, handler };

/** @param {Buffer} event */
async function handler(event) {
  if (!isUtf8(event)) throw new Error('the event is not UTF-8');
  /** @type {readonly Element[]} */
  const elements = JSON.parse(event.toString());
  const share = Math.floor(event.length / elements.length);
  const count = Math.max(1, Math.min(maxRecords, Math.floor(maxBytes / (share + actionBytes))));
  let written = 0;
  for (let start = 0; start < elements.length; start += count) {
    const { items } = await post(encode(elements.slice(start, start + count), event.subarray(start * share), share));
    written += items.length;
  }
  return { written };
}

/**
 * Each record gets an equal share of the event's bytes: finding its own is the function's work.
 * @param {readonly Element[]} elements
 * @param {Buffer} bytes
 * @param {number} share
 */
function encode(elements, bytes, share) {
  const body = Buffer.allocUnsafe(elements.length * (share + actionBytes));
  let end = 0;
  let start = 0;
  for (const element of elements) {
    const { topic, partition, offset } = element.data ?? element;
    end += body.write(`{"index":{"_index":"bench","_id":"${topic}+${partition}+${offset}"}}\n`, end, 'latin1');
    end += bytes.copy(body, end, start, start + share);
    body[end++] = lineFeed;
    start += share;
  }
  return body.subarray(0, end);
}

/**
 * @param {Buffer} body
 * @returns {Promise<{ readonly items: readonly unknown[] }>}
 */
function post(body) {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', path, headers: { ...headers, 'content-length': body.length } };
    const sent = request(endpoint, options, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
