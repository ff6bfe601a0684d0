import { Transport } from '@elastic/elasticsearch';

const json = 'application/json';

/** The client's transport for servers before 8, which know neither its product check nor its media types. */
export class PlainTransport extends Transport {
  /** @param {ConstructorParameters<typeof Transport>[0]} options */
  constructor(options) {
    const { productCheck: _, ...others } = options;
    super({ ...others, vendoredHeaders: { jsonContentType: json, ndjsonContentType: 'application/x-ndjson', accept: json } });
  }
}
