import { setTimeout as sleep } from 'node:timers/promises';
import { type MessageRange, maxMessagesPerCommand } from '../../../../shared/commands.ts';
import type { Report } from '../../../terminal/report.ts';
import { runTask } from '../../../terminal/tasks.ts';
import { type DeployedConnector, isRunningNow } from '../../running/connector.ts';
import type { Result } from '../command.ts';
import { produceMany, type TestMessage } from './function-commands.ts';

const pollMs = 1000;
const stallLimitMs = 120_000;

/** Sends a message `count` times, and waits until the connector's group has passed all of them. */
export async function sendBurst(connector: DeployedConnector, message: TestMessage, count: number): Promise<Result> {
  const { topic } = connector.props.kafka;
  const started = performance.now();
  const isRunning = await isRunningNow(connector);
  const ranges = await runTask(`Send ${count} messages to ${topic}`, (report) => send(connector, message, count, report));
  if (isRunning) await runTask('Wait until the connector has delivered them', (report) => untilDelivered(connector, ranges, report));
  const tookMs = Math.round(performance.now() - started);
  const text = isRunning
    ? `${count} messages were sent and delivered in ${tookMs} ms; \`s info\` and \`s logs\` tell what became of them.`
    : `${count} messages were sent. The connector does not run: they will be delivered after \`s resume\`.`;
  return { value: { topic, sent: count, delivered: isRunning, tookMs, ranges: merged(ranges) }, text };
}

/** Sends the messages page by page; a page that fails ends the burst, and is not sent again. */
async function send(connector: DeployedConnector, message: TestMessage, count: number, report: Report): Promise<readonly MessageRange[]> {
  const ranges: MessageRange[] = [];
  for (let sent = 0; sent < count; ) {
    const page = Math.min(maxMessagesPerCommand, count - sent);
    try {
      ranges.push(...(await produceMany(connector, message, page)));
    } catch (error) {
      throw new Error(`${sent} of ${count} messages were sent before this: ${error instanceof Error ? error.message : error}`);
    }
    sent += page;
    report(`${sent} of ${count} sent`);
  }
  return ranges;
}

/** Throws when the group does not come on for two minutes. */
async function untilDelivered({ cloud, names, props }: DeployedConnector, ranges: readonly MessageRange[], report: Report): Promise<void> {
  const { instanceId, topic } = props.kafka;
  const total = sum(ranges.map(({ count }) => count));
  let delivered = 0;
  for (let lastMove = performance.now(); delivered < total; await sleep(pollMs)) {
    const group = await cloud.kafka.consumerGroup(instanceId, names.consumerGroup).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message.replace(/ Run the command again.*$/, '') : String(error);
      throw new Error(
        `All ${total} were sent, but how far they are could not be asked: ${reason} \`s info\` shows it; do not send them again.`,
      );
    });
    const committed = new Map(group?.partitions.filter((one) => one.topic === topic).map((one) => [one.partition, one.committed]));
    const now = sum(
      ranges.map(({ count, offset, partition }) => Math.min(count, Math.max(0, (committed.get(partition) ?? 0) - Number(offset)))),
    );
    if (now > delivered) lastMove = performance.now();
    delivered = now;
    report(`${delivered} of ${total} delivered`);
    if (performance.now() - lastMove > stallLimitMs) {
      throw new Error(
        `All were sent, but only ${delivered} of ${total} delivered, and no more for ${stallLimitMs / 1000} s. \`s info\` shows why.`,
      );
    }
  }
}

/** The first offset and the number of messages of each partition; others' messages may lie between. */
function merged(ranges: readonly MessageRange[]): MessageRange[] {
  const byPartition = new Map<number, MessageRange>();
  for (const range of ranges) {
    const before = byPartition.get(range.partition) ?? { ...range, count: 0 };
    byPartition.set(range.partition, { ...before, count: before.count + range.count });
  }
  return [...byPartition.values()].sort((left, right) => left.partition - right.partition);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
