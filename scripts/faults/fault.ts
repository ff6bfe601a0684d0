import type { Arrangement, Testbed } from './testbed.ts';

/** Something that goes wrong while records are delivered. */
export interface Fault extends Arrangement {
  readonly name: string;
  /** Record `number` of `records`; an order when absent. */
  readonly value?: (number: number, records: number) => string;
  readonly inject: (testbed: Testbed) => Promise<void>;
  /** What is done about it, by a person or a machine; nothing when absent. */
  readonly undo?: (testbed: Testbed) => Promise<void>;
  /** How long it lasts, in ms; `holdMs` when absent. */
  readonly lastsMs?: number;
  /** What a person did, for the table; a fault without it heals by itself. */
  readonly remedy?: string;
  /** Gets back what is not in the index when all else has been delivered; resolves to the number of records that are there again. */
  readonly recover?: (testbed: Testbed) => Promise<number>;
}

/** How long a fault lasts. */
export const holdMs = 4000;
