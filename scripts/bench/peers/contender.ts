/** What every contender is told: to move a topic's records from the first one on, as a consumer group of its own, into an index. */
export interface Job {
  /** `host:port` */
  readonly broker: string;
  readonly topic: string;
  readonly group: string;
  /** Elasticsearch's. */
  readonly url: string;
  readonly index: string;
  /** A folder of its own, for files that it needs. */
  readonly folder: string;
}

/** About so many records in each request, by everyone. */
export const requestRecords = 2000;
/** A program to be started. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A way to move a topic into an index. */
export interface Contender {
  readonly name: string;
  /** Promises of the function that it does not give. */
  readonly lacks: readonly Lack[];
  /** Whether the processes that it starts are the function, which is told apart then. */
  readonly startsFunction?: true;
  /** Finds it on this machine, and makes in the folder what can be made before it is measured. */
  readonly find: (folder: string) => Promise<Found | Missing>;
}

export interface Found {
  readonly version: string;
  /** Writes what the program needs into the job's folder. */
  readonly prepare: (job: Job) => Promise<Command>;
}

interface Missing {
  /** What to install, and how. */
  readonly install: string;
}

/** Promises of the function, and what each means. */
export const promises = {
  ids: 'a record that is delivered twice is one document',
  redelivery: 'what Elasticsearch refuses for a while comes again: nothing is committed before it is written',
  exactness: 'numbers keep every digit',
  'bad record alone': 'a record that can never be written is named, and does not stop the others',
} as const;

export type Lack = keyof typeof promises;
