import { table } from '../docs/markdown.ts';
import type { Distribution } from '../local/servers/elasticsearch/distributions.ts';
import type { Column } from './run-on.ts';
import { headOf, rowsOf } from './table.ts';

/** The page of the servers that the function was tested on. */
export function serversPage(columns: readonly Column[]): string {
  return `${[
    '<!-- Made by `npm run test:matrix -- --write`: change scripts/matrix, not this file. -->',
    '# Servers',
    `What the function does was tried on each of these servers, real ones, each a single node of the jars in Maven Central. A row is a behaviour: the tests of
[its file](../test/functions/kafka-elasticsearch-sink/behaviour). _Passed_: all of them. _n of m_: n passed, and the others were not run, since the server lacks what they
need. No test is left out for another reason. _–_: the row \`security\` (users, roles and TLS: own authority, fingerprint, wrong names, plain http to a TLS port, rights that are missing,
taken away and given back) needs a server with security, and that server runs nothing else.`,
    table(headOf(columns), rowsOf(columns)),
    '## What these servers lack',
    `Elastic publishes the server in Maven Central and not all modules of its archive, so that some things cannot be tried here that a bought
cluster of that version has; others came with later versions. Each node is without security, but where its name says otherwise.`,
    table(
      ['server', 'JDK', 'lacks'],
      columns.map(({ distribution }) => lacksOf(distribution)),
    ),
    `Made on ${new Date().toISOString().slice(0, 10)}. Versions that are not here, other sizes of cluster, and Alibaba Cloud's own changes to Elasticsearch were not tried.`,
  ].join('\n\n')}\n`;
}

function lacksOf({ label, lacks, oldestJdk }: Distribution): string[] {
  const reasons = Object.entries(lacks).map(([feature, reason]) => `${feature} (${reason})`);
  return [label, `${oldestJdk} or newer`, reasons.join('; ') || 'nothing that the tests need'];
}
