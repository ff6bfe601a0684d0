/** One log: when, where from, and its fields. */
export interface LogRow {
  /** When it was written, in seconds since 1970. */
  readonly time: number;
  readonly topic: string;
  readonly source: string;
  readonly contents: { readonly [name: string]: string };
}

/** The index of a store: without `line` no free text is found, without a key none of its values. */
export interface Index {
  readonly line?: { readonly token?: readonly string[]; readonly caseSensitive?: boolean };
  readonly keys?: { readonly [name: string]: unknown };
}

type Test = (row: LogRow) => boolean;

const delimiters = [',', ' ', "'", '"', ';', '=', '(', ')', '[', ']', '{', '}', '?', '@', '&', '<', '>', '/', ':', '\n', '\t', '\r'];
/** How many conditions may be in one another. */
const maxDepth = 100;
const tokenForm = /\s*("(?:[^"\\]|\\.)*"|[():]|[^\s():"]+)/gy;

/** Thrown for a query that is not of the search syntax. */
export class QuerySyntaxError extends Error {}

/**
 * The search part of the query language: words, prefixes, "quoted words", `field: value`, `and`, `or`, `not`, parentheses; words side by side mean and.
 * https://alibabacloud.com/help/en/sls/user-guide/search-syntax
 */
export function compileQuery(query: string, index: Index): Test {
  const tokens = [...query.matchAll(tokenForm)].map(([, token = '']) => token);
  const parser = new Parser(tokens, index);
  return tokens.length === 0 ? () => true : parser.parse();
}

class Parser {
  readonly #tokens: string[];
  readonly #index: Index;
  #depth = 0;

  constructor(tokens: string[], index: Index) {
    this.#tokens = tokens;
    this.#index = index;
  }

  parse(): Test {
    const test = this.#any();
    if (this.#tokens.length > 0) throw new QuerySyntaxError(`unexpected ${this.#tokens[0]}`);
    return test;
  }

  #any(): Test {
    const tests = [this.#all()];
    while (this.#takeWord('or')) tests.push(this.#all());
    return (row) => tests.some((test) => test(row));
  }

  #all(): Test {
    const tests = [this.#one()];
    for (;;) {
      if (this.#takeWord('and')) tests.push(this.#one());
      else if (this.#beginsTerm()) tests.push(this.#one());
      else return (row) => tests.every((test) => test(row));
    }
  }

  #one(): Test {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new QuerySyntaxError('too many conditions within conditions');
    const test = this.#condition();
    this.#depth -= 1;
    return test;
  }

  #condition(): Test {
    if (this.#takeWord('not')) {
      const test = this.#one();
      return (row) => !test(row);
    }
    if (this.#take('(')) {
      const test = this.#any();
      if (!this.#take(')')) throw new QuerySyntaxError('expected )');
      return test;
    }
    return this.#term();
  }

  #term(): Test {
    const word = this.#tokens.shift();
    if (word === undefined || /^([():]|and|or|not)$/i.test(word)) throw new QuerySyntaxError(`unexpected ${word ?? 'end of query'}`);
    if (!this.#take(':')) return this.#text(word);
    const value = this.#tokens.shift();
    if (value === undefined) throw new QuerySyntaxError('expected a value after :');
    return this.#field(unquote(word), value);
  }

  /** Free text looks at every field that the index's `line` covers. */
  #text(word: string): Test {
    if (word === '*') return () => true;
    if (!this.#index.line) return () => false;
    return ({ contents }) => Object.values(contents).some((text) => this.#contains(text, word));
  }

  #field(name: string, value: string): Test {
    if (name === '__topic__') return ({ topic }) => topic === unquote(value);
    if (name === '__source__') return ({ source }) => source === unquote(value);
    if (!Object.hasOwn(this.#index.keys ?? {}, name)) return () => false;
    return ({ contents }) => this.#contains((Object.hasOwn(contents, name) && contents[name]) || '', value);
  }

  #contains(text: string, word: string): boolean {
    const unquoted = unquote(word);
    const have = this.#words(text);
    if (!word.startsWith('"') && unquoted.endsWith('*'))
      return have.some((candidate) => candidate.startsWith(this.#cased(unquoted.slice(0, -1))));
    return this.#words(unquoted).every((part) => have.includes(part));
  }

  #words(text: string): string[] {
    const separators: readonly string[] = this.#index.line?.token ?? delimiters;
    const words = [''];
    for (const character of this.#cased(text)) {
      if (separators.includes(character)) words.push('');
      else words.push(`${words.pop()}${character}`);
    }
    return words.filter((word) => word !== '');
  }

  #cased(text: string): string {
    return this.#index.line?.caseSensitive === true ? text : text.toLowerCase();
  }

  #beginsTerm(): boolean {
    const [next] = this.#tokens;
    return next !== undefined && next !== ')' && next.toLowerCase() !== 'or';
  }

  #take(symbol: string): boolean {
    if (this.#tokens[0] !== symbol) return false;
    this.#tokens.shift();
    return true;
  }

  #takeWord(word: string): boolean {
    return this.#tokens[0]?.toLowerCase() === word && this.#tokens.shift() !== undefined;
  }
}

function unquote(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word;
}
