// Elasticsearch, or what stands before it, at its most talkative: whatever it was sent, and whoever sent it, is in every field of its answer.
import type { ServerResponse } from 'node:http';
import { elasticsearch, isBulk, operationsOf } from '../support/elasticsearch/bulk-responses.ts';
import type { Respond, SeenRequest } from '../support/elasticsearch/scripted-server.ts';
import type { Canaries } from './canaries.ts';

/** What an answer claims to be; of `words` the rest of its fields is made. */
export interface Claim {
  readonly status: number;
  /** The type of the error; by default a part of what was sent. */
  readonly type?: string;
  /** What its reason begins with: Elasticsearch's own words, and then the rest. */
  readonly reason?: (said: string) => string;
  readonly result?: string;
  readonly failure_store?: string;
}

/** Makes answers that tell everything. */
export class ChattyElasticsearch {
  readonly #words: readonly string[];
  #turn = 0;

  /** `credential`: the secret that it is sent. */
  constructor({ content }: Canaries, credential: string) {
    // As far as each is a word, which could be mistaken for a type or a name.
    this.#words = [credential, ...Object.values(content)].map((text) => /^\w+/.exec(text)?.[0] ?? '');
  }

  /** The whole request is answered so. */
  whole(claim: Claim): Respond {
    return (response, request) => this.#send(response, request, claim.status, this.#body(request, claim));
  }

  /** The whole request is answered by something else, in text or HTML. */
  foreign(status: number): Respond {
    return (response, request) => this.#send(response, request, status, `<html>${said(request)}</html>`, 'text/html');
  }

  /** The bulk request passes, and each operation is answered so; undefined: it is written. */
  items(claimOf: (number: number, document: string) => Claim | undefined): Respond {
    return (response, request) => {
      const items = operationsOf(request).map(({ action, document = '', id, index }, number) => {
        const claim: Claim = claimOf(number, document) ?? { status: 201 };
        const { failure_store, result = this.#word, status } = claim;
        const error = status >= 300 ? this.#error(request, claim) : {};
        return {
          [action]: { _index: index, _id: id, _type: said(request), status, result, ...(failure_store && { failure_store }), ...error },
        };
      });
      this.#send(response, request, 200, { took: 1, errors: true, [this.#word]: said(request), items });
    };
  }

  /** An Elasticsearch that answers so to bulk requests, and so to some others. */
  server(bulk: Respond, other?: (request: SeenRequest) => Respond | undefined): Respond {
    return elasticsearch(bulk, (request) => (isBulk(request) ? undefined : other?.(request)));
  }

  /** One of what was sent that could be a name, each in its turn. */
  get #word(): string {
    return this.#words[this.#turn++ % this.#words.length] ?? '';
  }

  #body(request: SeenRequest, claim: Claim): object {
    return { ...this.#error(request, claim), status: claim.status, message: said(request), [this.#word]: said(request) };
  }

  #error(request: SeenRequest, { reason: worded = (text) => text, type = this.#word }: Claim): object {
    const reason = worded(said(request));
    const one = { type, reason, index: said(request), index_uuid: this.#word, shard: this.#word, [this.#word]: this.#word };
    return { error: { ...one, root_cause: [one], caused_by: { ...one, caused_by: one }, suppressed: [one], header: request.headers } };
  }

  #send(response: ServerResponse, request: SeenRequest, status: number, body: object | string, type = 'application/json'): void {
    const spoken = Buffer.from(said(request))
      .toString('latin1')
      .replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ')
      .slice(0, 4000);
    const [user = ''] = this.#words;
    const location = `http://${this.#word.replaceAll('_', '-')}:${this.#word}@${this.#word.replaceAll('_', '-')}.example/${encodeURIComponent(said(request)).slice(0, 4000)}?${user}`;
    response.writeHead(status, spoken.trim(), {
      'content-type': type,
      'www-authenticate': `Basic realm="${spoken}"`,
      warning: `299 Elasticsearch "${spoken}"`,
      'set-cookie': spoken,
      [`x-${user.replaceAll('_', '-')}`]: spoken,
      ...(status >= 300 && status < 400 && { location }),
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}

/** The request, head and body, as 7.10.2 quotes its buffer: with the secrets of the header also read. */
function said({ body, headers, method, path }: SeenRequest): string {
  const credential = Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${credential} ${JSON.stringify(credential)} ${encodeURIComponent(credential)} ${body} ${method} ${path} HTTP/1.1`, ...head].join(
    '\r\n',
  );
}
