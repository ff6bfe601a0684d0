import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { canary } from '../hostile-text.ts';
import { echoes, mostly } from './answer-bodies.ts';
import type { Script } from './raw-server.ts';

/** Stands for a server that nobody may be sent to. */
export const trap = '{{trap}}';

const locations = fc.constantFrom(
  ...[`${trap}/`, `//${trap.replace('http:', '')}/x`, `http://u:p@${trap}/`, 'file:///etc/passwd', 'javascript:alert(1)', '/redirected'],
  ...[`/redirected?${canary}`, `https://${canary}/`, `/${echoes.authorization}`, `http://${echoes.authorization}/`, 'http://[::1', '//'],
  ...[`/\x1b[2J${canary}`, `/${'x'.repeat(3000)}`, '/caf\xe9', 'data:,x', '', ' ', '/\x7f\x9b'],
);
const headerLines = fc.oneof(
  { weight: 3, arbitrary: locations.map((location) => `Location: ${location}`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['Content-Type: text/html', 'Content-Type: application/json\r\nContent-Type: text/plain', `Set-Cookie: ${canary}`],
      ...[
        'Connection: close',
        'Connection: upgrade\r\nUpgrade: websocket',
        'Keep-Alive: timeout=0',
        'Keep-Alive: timeout=99999999999, max=0',
      ],
      ...['X-Folded: a\r\n b', 'no colon', ': no name', 'X-Control: \x1b[31m\x01', '__proto__: 1', 'constructor: 1', 'Trailer: x'],
      ...[`X-Long: ${'x'.repeat(20_000)}`, 'X: 1\r\n'.repeat(2500), 'Retry-After: 999999999', 'Date: x', 'X\0: 1', 'Warning: 299 x "y"'],
    ),
  },
);
const statuses = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(100, 101, 102, 103, 201, 204, 205, 206, 301, 302, 303, 304, 307, 308) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 421, 429, 431, 500, 501, 502, 503, 504, 507, 599, 999),
  },
  fc.integer({ min: 0, max: 1000 }),
);

const framings = [
  'length',
  'chunked',
  'close',
  'short',
  'long',
  'no last chunk',
  'bad chunk',
  'long extension',
  'both',
  'two lengths',
  'trailers',
] as const;
const encodings = [
  ...(['plain', 'gzip', 'deflate', 'raw deflate', 'br', 'gzip twice', 'only said', 'cut', 'wrong sum', 'unknown', 'many names'] as const),
  ...(['bomb', 'bomb of many names', 'br bomb', 'padded', 'padded with more', 'replaced'] as const),
] as const;
/** Those whose answers take megabytes come less often. */
const largeEncodings: readonly string[] = ['bomb', 'bomb of many names', 'br bomb', 'padded', 'padded with more', 'replaced'];
const encoding = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...encodings.filter((name) => !largeEncodings.includes(name))) },
  { weight: 1, arbitrary: fc.constantFrom(...encodings) },
);

const wellFormed = fc.record({
  kind: fc.constant('http' as const),
  interim: mostly<number[]>([], 8, fc.array(fc.constantFrom(100, 102, 103, 103, 199), { maxLength: 20 })),
  version: mostly('HTTP/1.1', 20, fc.constantFrom('HTTP/1.0', 'HTTP/9.9', 'ICY', 'HTTP/1.1 ')),
  status: mostly(200, 3, statuses),
  lines: fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.array(headerLines, { maxLength: 3 }) }),
  framing: mostly('length', 2, fc.constantFrom(...framings)),
  encoding: mostly('plain', 3, encoding),
  delivery: mostly('whole', 8, fc.constantFrom('pieces', 'bytes')),
  ending: mostly('keep', 4, fc.constantFrom('end', 'reset')),
  again: mostly('no', 10, fc.constantFrom('at once', 'later')),
});
type WellFormed = typeof wellFormed extends fc.Arbitrary<infer One> ? One : never;

const raw = (pieces: readonly string[], more: Partial<Script> = {}): Script => ({
  pieces: pieces.map((piece) => Buffer.from(piece, 'latin1')),
  gapMs: 0,
  ending: 'keep',
  ...more,
});
const ok = 'HTTP/1.1 200 OK\r\n';
/** What is no HTTP, or never ends. */
const scripts: { readonly [name: string]: Script } = {
  silence: raw([]),
  end: raw([], { ending: 'end' }),
  reset: raw([], { ending: 'reset' }),
  'half a head': raw([`${ok}Content-Le`], { ending: 'end' }),
  'half a head, kept': raw([`${ok}Content-Le`]),
  rubbish: raw(['\x00\xff\x16\x03\x01 rubbish\r\n\r\n'], { ending: 'end' }),
  'HTTP/0.9': raw(['<html>hello</html>\r\n'], { ending: 'end' }),
  'HTTP/2': raw(['\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80']),
  'TLS alert': raw(['\x15\x03\x03\x00\x02\x02\x46'], { ending: 'end' }),
  'endless headers': raw([ok], { endless: Buffer.from('X-Header: x\r\n'.repeat(100)) }),
  'endless header': raw([`${ok}X: `], { endless: Buffer.alloc(1000, 'x') }),
  'slow header': raw([ok], { endless: Buffer.from('X: x\r\n'), gapMs: 5 }),
  'endless 100': raw([], { endless: Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)), gapMs: 1 }),
  'endless 103': raw([], { endless: Buffer.from(`HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(5000)}>\r\n\r\n`), gapMs: 1 }),
  'endless body': raw([`${ok}Transfer-Encoding: chunked\r\n\r\n`], { endless: Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`) }),
  'endless until closed': raw([`${ok}Connection: close\r\n\r\n[`], { endless: Buffer.alloc(65_536, '1,') }),
  'endless chunk': raw([`${ok}Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n`], { endless: Buffer.alloc(65_536, ' ') }),
  'endless empty lines': raw([], { endless: Buffer.from('\r\n'.repeat(100)), gapMs: 1 }),
  'endless trailers': raw([`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n`], { endless: Buffer.from('X: y\r\n'.repeat(100)) }),
  'slow body': raw([`${ok}Content-Length: 1000000\r\n\r\n`], { endless: Buffer.from(' '), gapMs: 3 }),
  'body of a trillion': raw([`${ok}Content-Length: 1000000000000\r\n\r\n{}`]),
  'length too large to be one': raw([`${ok}Content-Length: 99999999999999999999999\r\n\r\n{}`]),
  'negative length': raw([`${ok}Content-Length: -1\r\n\r\n{}`]),
  'switched protocols': raw(['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n']),
  'switched protocols, ended': raw(['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'], { ending: 'end' }),
};
const named = fc.constantFrom(...Object.keys(scripts)).map((name) => ({ kind: 'script' as const, name }));

export type AnswerForm = WellFormed | { readonly kind: 'script'; readonly name: string };

const plainForm: WellFormed = {
  ...{ kind: 'http', interim: [], version: 'HTTP/1.1', status: 200, lines: [], framing: 'length', encoding: 'plain' },
  ...{ delivery: 'whole', ending: 'keep', again: 'no' },
};
/** How a server answers: as it should, as HTTP in all its forms, and as nothing that is HTTP. */
export const answerForms: fc.Arbitrary<AnswerForm> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(plainForm) },
  { weight: 8, arbitrary: wellFormed },
  { weight: 1, arbitrary: named },
);
/** What is sent to who speaks TLS. */
export const toTls: fc.Arbitrary<Script> = fc
  .constantFrom('silence', 'end', 'reset', 'rubbish', 'TLS alert', 'endless headers')
  .map((name) => scriptOf(name));

/** An answer: what is sent, and the text that it tells with a status 2xx, as far as it is whole; each sends it as often as `times` says. */
export interface Answer {
  readonly script: Script;
  readonly told: string | undefined;
  readonly times: number;
}

/** Makes the bytes of an answer; `fill` puts what the request said into its header lines. */
export function answerOf(form: AnswerForm, text: string, fill: (line: string) => string): Answer {
  if (form.kind === 'script') return { script: scriptOf(form.name), told: undefined, times: 1 };
  const { bytes, header, plain } = encoded(form.encoding, text);
  const framed = framedAs(form.framing, bytes);
  const lines = [...framed.lines, ...(header === '' ? [] : [`Content-Encoding: ${header}`]), ...form.lines.map(fill)];
  const interim = form.interim.map((status) => `HTTP/1.1 ${status} x\r\nX: y\r\n\r\n`).join('');
  const head = `${interim}${form.version} ${String(form.status).padStart(3, '0')} x\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
  const message = Buffer.concat([Buffer.from(head, 'latin1'), framed.body]);
  // What comes twice may end with its repetition what it lacks itself.
  const length = framed.length ?? (form.again === 'no' ? undefined : bytes.length);
  const isTold = form.status >= 200 && form.status < 300 && form.status !== 204;
  return {
    script: scriptFor(message, form, framed.isEnded),
    told: isTold && plain !== undefined && length !== undefined ? toldOf(plain, bytes, length) : undefined,
    times: form.again === 'no' ? 1 : 2,
  };
}

/** A body that is cut, and not compressed, tells what is left of it. */
function toldOf(plain: string, bytes: Buffer, length: number): string {
  return length < bytes.length ? bytes.toString('utf8', 0, length) : plain;
}

function scriptOf(name: string): Script {
  return scripts[name] ?? raw([]);
}

function scriptFor(message: Buffer, { again, delivery, ending }: WellFormed, isEnded: boolean): Script {
  const messages = again === 'at once' ? [Buffer.concat([message, message])] : again === 'later' ? [message, message] : [message];
  const size = delivery === 'whole' ? message.length : delivery === 'pieces' ? Math.ceil(message.length / 3) : slowBytes;
  const pieces = messages.flatMap((one) => cut(one, Math.max(1, size)));
  return { pieces, gapMs: again === 'later' || delivery !== 'whole' ? 2 : 0, ending: isEnded && ending === 'keep' ? 'end' : ending };
}

const slowBytes = 5;
const maxSlowPieces = 2000;

function cut(bytes: Buffer, size: number): Buffer[] {
  const length = Math.max(size, Math.ceil(bytes.length / maxSlowPieces));
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, number) => bytes.subarray(number * length, (number + 1) * length));
}

/** A body in the frame that HTTP gives it. */
interface Framed {
  readonly lines: readonly string[];
  readonly body: Buffer;
  /** How much of the bytes a client may take for the body; undefined: nothing, it is not whole. */
  readonly length: number | undefined;
  readonly isEnded: boolean;
}

function framedAs(framing: string, bytes: Buffer): Framed {
  const chunked = ['Transfer-Encoding: chunked'];
  const { length } = bytes;
  const inChunks = (after: string) =>
    Buffer.concat([...cut(bytes, Math.max(1, Math.ceil(length / 3))).map((piece) => chunk(piece, '')), Buffer.from(after)]);
  const frames: { readonly [name: string]: () => Framed } = {
    chunked: () => ({ lines: chunked, body: inChunks('0\r\n\r\n'), length, isEnded: false }),
    trailers: () => ({ lines: chunked, body: inChunks('0\r\nContent-Length: 1\r\nX: \x01\r\n\r\n'), length, isEnded: false }),
    close: () => ({ lines: ['Connection: close'], body: bytes, length, isEnded: true }),
    short: () => ({ lines: [`Content-Length: ${length + 7}`], body: bytes, length: undefined, isEnded: true }),
    long: () => ({ lines: [`Content-Length: ${Math.max(0, length - 1)}`], body: bytes, length: Math.max(0, length - 1), isEnded: false }),
    'no last chunk': () => ({ lines: chunked, body: inChunks(''), length: undefined, isEnded: true }),
    'bad chunk': () => ({ lines: chunked, body: inChunks('zz\r\n\r\n'), length: undefined, isEnded: false }),
    'long extension': () => ({
      ...{ lines: chunked, length, isEnded: false },
      body: Buffer.concat([chunk(bytes, `;x=${'y'.repeat(30_000)}`), Buffer.from('0\r\n\r\n')]),
    }),
    both: () => ({ lines: [...chunked, `Content-Length: ${length}`], body: inChunks('0\r\n\r\n'), length, isEnded: false }),
    'two lengths': () => ({ lines: [`Content-Length: ${length}`, `Content-Length: ${length + 1}`], body: bytes, length, isEnded: false }),
  };
  return frames[framing]?.() ?? { lines: [`Content-Length: ${length}`], body: bytes, length, isEnded: false };
}

function chunk(bytes: Buffer, extension: string): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}${extension}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** A body as it is encoded. */
interface Encoded {
  readonly bytes: Buffer;
  /** What the answer says of it. */
  readonly header: string;
  /** What it is; undefined where it cannot be decoded. */
  readonly plain: string | undefined;
}

const megabyte = 1024 * 1024;

function encoded(encoding: string, text: string): Encoded {
  const bytes = Buffer.from(text);
  const forms: { readonly [name: string]: () => Encoded } = {
    gzip: () => ({ bytes: gzipSync(bytes), header: 'gzip', plain: text }),
    deflate: () => ({ bytes: deflateSync(bytes), header: 'Deflate', plain: text }),
    'raw deflate': () => ({ bytes: deflateRawSync(bytes), header: 'deflate', plain: text }),
    br: () => ({ bytes: brotliCompressSync(bytes), header: 'br', plain: text }),
    'gzip twice': () => ({ bytes: gzipSync(gzipSync(bytes)), header: 'gzip, x-gzip', plain: text }),
    'only said': () => ({ bytes, header: 'gzip', plain: text }),
    cut: () => ({ bytes: gzipSync(bytes).subarray(0, -9), header: 'gzip', plain: undefined }),
    'wrong sum': () => ({ bytes: withWrongSum(gzipSync(bytes)), header: 'gzip', plain: undefined }),
    unknown: () => ({ bytes, header: 'zstd, compress, x', plain: text }),
    'many names': () => ({ bytes: gzipSync(bytes), header: Array(1500).fill('gzip').join(), plain: text }),
    bomb: () => ({ bytes: bomb(), header: 'gzip', plain: undefined }),
    'bomb of many names': () => ({ bytes: bomb(), header: Array(1500).fill('gzip').join(), plain: undefined }),
    'br bomb': () => ({ bytes: brBomb(), header: 'br', plain: undefined }),
    padded: () => ({ bytes: padded(bytes, Buffer.alloc(megabyte, ' '), 50), header: 'gzip', plain: text }),
    'padded with more': () => ({ bytes: padded(bytes, Buffer.alloc(megabyte, ' '), 400), header: 'gzip', plain: undefined }),
    replaced: () => ({ bytes: padded(bytes, Buffer.alloc(megabyte, 0xff), 50), header: 'gzip', plain: undefined }),
  };
  return forms[encoding]?.() ?? { bytes, header: '', plain: text };
}

function withWrongSum(bytes: Buffer): Buffer {
  const sumAt = bytes.length - 8;
  bytes[sumAt] = (bytes[sumAt] ?? 0) ^ 1;
  return bytes;
}

/** So many pieces before a body, compressed one by one: https://www.rfc-editor.org/rfc/rfc1952#section-2.2 */
function padded(bytes: Buffer, piece: Buffer, count: number): Buffer {
  return Buffer.concat([...Array<Buffer>(count).fill(gzipSync(piece)), gzipSync(bytes)]);
}

/** 1 GB of zeros in 1 MB. */
function bomb(): Buffer {
  return Buffer.concat(Array<Buffer>(1024).fill(gzipSync(Buffer.alloc(megabyte))));
}

/** 80 MB of zeros in some bytes. */
function brBomb(): Buffer {
  return brotliCompressSync(Buffer.alloc(80 * megabyte), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
}
