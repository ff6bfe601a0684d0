import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What the cloud remembers, in a folder: one JSON file a table, replaced whole at each change, so that a crash leaves the old or the new. */
export class State {
  readonly folder: string;

  /** Makes the folder when it is missing. */
  constructor(folder: string) {
    // Absolute: what is in it is run by processes that have a folder of their own.
    this.folder = resolve(folder);
    mkdirSync(this.folder, { recursive: true });
  }

  /** The rows of this name, as the last run left them. */
  table<Row>(name: string): Table<Row> {
    return new Table<Row>(join(this.folder, `${name}.json`));
  }

  /** Lines that only grow in number. */
  journal<Line>(name: string): Journal<Line> {
    return new Journal<Line>(join(this.folder, `${name}.jsonl`));
  }
}

/** Rows by key, in the order of their making; each change is in the file when the call returns. */
export class Table<Row> {
  readonly #file: string;
  readonly #rows: Map<string, Row>;

  constructor(file: string) {
    this.#file = file;
    // Nothing else writes this file: what is read is what `set` was given.
    const rows: [string, Row][] = JSON.parse(readOr(file, '[]'));
    this.#rows = new Map(rows);
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  values(): Row[] {
    return [...this.#rows.values()];
  }

  set(key: string, row: Row): void {
    this.#rows.set(key, row);
    this.#write();
  }

  delete(key: string): boolean {
    const existed = this.#rows.delete(key);
    if (existed) this.#write();
    return existed;
  }

  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#rows], undefined, 1));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** A file of JSON lines. */
export class Journal<Line> {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  append(lines: readonly Line[]): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    appendFileSync(this.#file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** All lines; one that a crash cut off is left out. */
  read(): Line[] {
    const texts = readOr(this.#file, '').split('\n').slice(0, -1);
    return texts.map((text): Line => JSON.parse(text));
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
