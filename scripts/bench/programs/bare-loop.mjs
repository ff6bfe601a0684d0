// The least that any program does to move an event: what the function is measured against. It parses the event, copies each element as it came,
// and posts it; it builds no documents, judges no outcomes and repeats nothing.
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
  const count = Math.max(1, Math.min(maxRecords, Math.floor(maxBytes / (event.length / elements.length + actionBytes))));
  let written = 0;
  let from = 1;
  for (let start = 0; start < elements.length; start += count) {
    const part = elements.slice(start, start + count);
    const ends = findEnds(event, from, part.length);
    const { items } = await post(encode(part, event, from, ends));
    written += items.length;
    from = (ends.at(-1) ?? 0) + 1;
  }
  return { written };
}

/**
 * Where elements end. In the events of the benchmark this stands between elements alone: quotes within values are escaped.
 * @param {Buffer} event
 * @param {number} from
 * @param {number} count
 */
function findEnds(event, from, count) {
  const ends = [];
  for (let end = from; ends.length < count; end++) {
    const brace = event.indexOf('},{"', end);
    end = brace === -1 ? event.length - 1 : brace + 1;
    ends.push(end);
  }
  return ends;
}

/**
 * @param {readonly Element[]} elements
 * @param {Buffer} event
 * @param {number} from
 * @param {readonly number[]} ends
 */
function encode(elements, event, from, ends) {
  const body = Buffer.allocUnsafe((ends.at(-1) ?? 0) - from + elements.length * actionBytes);
  let end = 0;
  let start = from;
  for (const [index, element] of elements.entries()) {
    const { topic, partition, offset } = element.data ?? element;
    end += body.write(`{"index":{"_index":"bench","_id":"${topic}+${partition}+${offset}"}}\n`, end, 'latin1');
    end += event.copy(body, end, start, ends[index]);
    body[end++] = lineFeed;
    start = (ends[index] ?? 0) + 1;
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
