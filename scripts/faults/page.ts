import { describeMachine, machineLine } from '../bench/machine.ts';
import { table } from '../docs/markdown.ts';
import type { Outcome } from './run-fault.ts';
import { head, rowOf } from './table.ts';

/** The page of the faults that were made. */
export function faultsPage(outcomes: readonly Outcome[]): string {
  return `${[
    '<!-- Made by `npm run faults -- --write`: change scripts/faults, not this file. -->',
    '# Faults',
    `Each fault is made in mid-delivery, on a real Kafka 3.9.1, a real Elasticsearch 7.10.2 and a connector that [\`s deploy\`](deploy.md) has set up in the
[local cloud](../scripts/local/README.md), with the properties' defaults (\`document.id: position\`). It lasts some seconds, while records still come. When the group has passed all
of them, [\`s audit\`](operate.md) looks for each, and the ids in the index are counted besides: the two must agree. _Lost_ is a record that is neither in the
index nor rejected; _doubled_ is a document too many. Every fault is a row of [\`faults.ts\`](../scripts/faults/faults.ts).`,
    table(head, outcomes.map(rowOf)),
    `Measured on ${new Date().toISOString().slice(0, 10)} on ${machineLine(describeMachine())}. \`npm run soak\` makes those that need nobody at random, for minutes, under 500,000 records.`,
  ].join('\n\n')}\n`;
}
