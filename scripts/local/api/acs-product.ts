import { CloudError } from '../cloud-error.ts';
import type { ApiRequest } from './http.ts';

/** A call of a product behind the API gateway. */
export interface AcsCall {
  readonly parameters: Parameters;
  readonly request: ApiRequest;
  readonly requestId: string;
}

/** Does what is asked and returns the body without its request id; throws `CloudError`. */
export type AcsAction = (call: AcsCall) => object | Promise<object>;

/** A product of the API gateway; here, where all share one host, its API version tells it from the others. */
export interface AcsProduct {
  readonly name: string;
  readonly version: string;
  readonly actions: { readonly [action: string]: AcsAction };
}

/** The parameters of an RPC call; one that is empty counts as not given. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(pairs: Iterable<readonly [string, string]>) {
    this.#values = new Map(pairs);
  }

  get(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  /** Throws `CloudError` `MissingParameter`. */
  required(name: string): string {
    const value = this.get(name);
    if (value !== undefined) return value;
    throw new CloudError(
      400,
      'MissingParameter',
      `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
    );
  }

  /** Throws `CloudError` `InvalidParameter` for what is no integer within the bounds. */
  integer(name: string, otherwise: number, least = 1, most = Number.MAX_SAFE_INTEGER): number {
    const value = Number(this.get(name) ?? otherwise);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new CloudError(400, 'InvalidParameter', `The specified parameter "${name}" is not valid.`);
  }

  flag(name: string): boolean {
    return this.get(name) === 'true';
  }

  /** The values of `Name.1`, `Name.2` and so on. */
  list(name: string): string[] {
    const form = new RegExp(`^${name}\\.\\d+$`);
    return [...this.#values].filter(([key]) => form.test(key)).map(([, value]) => value);
  }
}

/** One page, by number and size. */
export function page<Item>(items: readonly Item[], number: number, size: number): Item[] {
  return items.slice((number - 1) * size, number * size);
}
