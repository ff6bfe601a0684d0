import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../terminal/report.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import { isReadBySomebody } from '../cloud/kafka.ts';

const pollMs = 2000;

/** Resolves as soon as nobody reads as the group, however long that takes: whoever does is stopped by a person. */
export async function untilNobodyReads({ kafka }: AlibabaCloud, instanceId: string, consumerGroup: string, report: Report): Promise<void> {
  for (const started = performance.now(); ; await sleep(pollMs)) {
    const group = await kafka.consumerGroup(instanceId, consumerGroup);
    if (!group || !isReadBySomebody(group)) return;
    const lag = group.partitions.reduce((sum, { committed, end }) => sum + Math.max(0, end - committed), 0);
    const seconds = Math.round((performance.now() - started) / 1000);
    report(`${group.state}, lag ${lag}, ${seconds} s: pause or delete the connector that reads as it, in the Kafka console`);
  }
}
