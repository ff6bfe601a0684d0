// The probe's function: tells in its log what it was given, as shapes and never as content, and does what the records' values ask for.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {{ [name: string]: unknown }} JsonObject
 * @typedef {{ scenario?: unknown, number?: unknown, fail?: unknown, waitMs?: unknown }} Instruction
 */

/** Of a line of the log, which holds 32 KB. */
const maxShapeLength = 4000;

/**
 * @param {Uint8Array} event
 * @param {{ requestId: string }} context
 */
export const handler = async (event, { requestId }) => {
  const startedAt = Date.now();
  const body = parsed(Buffer.from(event).toString());
  const elements = Array.isArray(body) ? body : [];
  const records = elements.map(read);
  const shapes = [...new Set((Array.isArray(body) ? elements : [body]).map((element) => shapeOf(element).slice(0, maxShapeLength)))];
  write({
    probe: 'start',
    requestId,
    at: startedAt,
    bytes: event.length,
    isArray: Array.isArray(body),
    shapes: shapes.slice(0, 4),
    records,
  });
  const waitMs = records.reduce((sum, record) => sum + record.waitMs, 0);
  if (waitMs > 0) await sleep(waitMs);
  write({ probe: 'end', requestId, at: Date.now() });
  if (records.some(({ fail }) => fail) || (isObject(body) && body.fail === true)) throw new Error('failed on demand');
  return { received: records.length };
};

/** @param {unknown} element */
function read(element) {
  const object = asObject(typeof element === 'string' ? parsed(element) : element);
  const data = 'data' in object ? asObject(object.data) : object;
  const value = typeof data.value === 'string' ? parsed(data.value) : data.value;
  /** @type {Instruction} */
  const instruction = asObject(value);
  const headers = asObject(data.headers).headers;
  return {
    scenario: String(instruction.scenario ?? ''),
    number: Number(instruction.number ?? -1),
    fail: instruction.fail === true,
    waitMs: Number(instruction.waitMs ?? 0),
    topic: String(data.topic),
    partition: Number(data.partition),
    offset: Number(data.offset),
    hasKey: data.key !== undefined && data.key !== null,
    valueType: typeof data.value,
    valueLength: typeof data.value === 'string' ? data.value.length : 0,
    // The names and values are the probe's own.
    headers: Array.isArray(headers) && headers.length > 0 ? JSON.stringify(headers).slice(0, 500) : '',
    valueShape: shapeOf(value).slice(0, maxShapeLength),
  };
}

/**
 * The names and types in a value, without its content.
 * @param {unknown} value
 * @returns {string}
 */
function shapeOf(value) {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].join(' | ')}]`;
  if (!isObject(value)) return value === null ? 'null' : typeof value;
  const members = Object.entries(value).map(([name, member]) => `${name}: ${shapeOf(member)}`);
  return `{${members.join(', ')}}`;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * @param {unknown} value
 * @returns {value is JsonObject}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {unknown} value
 * @returns {JsonObject}
 */
function asObject(value) {
  return isObject(value) ? value : {};
}

/** @param {object} line */
function write(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
