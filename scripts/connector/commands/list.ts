import { note } from '../../terminal/output.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FunctionAddress, ListedFunction } from '../cloud/function-compute/function-compute.ts';
import { openContext } from '../config/context.ts';
import { groupOf } from '../config/names.ts';
import { addressFields, describeUnseen, listFunctions, markIn, otherThan } from '../running/functions.ts';
import { readProgress } from '../running/lag.ts';
import { describeStream, streamState } from '../running/stream.ts';
import type { Command } from './command.ts';

export const list: Command = {
  summary: 'List the connectors of the region with their state, those of the console too',
  options: {},
  run: async (inputs) => {
    const { cloud, props } = await openContext(inputs);
    const { rows, unseen } = await listFunctions(cloud, props.function.api);
    const connectors = await Promise.all(rows.map((row) => describe(cloud, row)));
    connectors.sort((left, right) => left.connector.localeCompare(right.connector) || left.address.name.localeCompare(right.address.name));
    const lines = connectors.map(({ address, connector, instanceId, lag, madeBy, status, topic }) =>
      [
        connector,
        instanceId ?? '(unknown instance)',
        topic ?? '(unknown topic)',
        address.name,
        `Function Compute ${address.generation}`,
        madeBy,
        status,
        ...(lag === null ? [] : [`lag ${lag}`]),
      ].join('  '),
    );
    if (unseen !== undefined) note(`${describeUnseen(otherThan(props.function.api), unseen)}.`);
    const value = { region: props.region, connectors: connectors.map(({ address, ...one }) => ({ ...one, ...addressFields(address) })) };
    return { value, text: lines.join('\n') || `There are no connectors in ${props.region}.` };
  },
};

interface Listed {
  readonly connector: string;
  readonly instanceId: string | null;
  readonly topic: string | null;
  readonly address: FunctionAddress;
  readonly madeBy: 'this package' | 'the console';
  /** The stream's status in EventBridge's words, with the reason when it tells one. */
  readonly status: string;
  /** How many records have not been delivered; null where nobody tells. */
  readonly lag: number | null;
}

/** The console's connectors run in Kafka Connect, whose state no API tells. */
async function describe(cloud: AlibabaCloud, row: ListedFunction): Promise<Listed> {
  const { generation, name } = row;
  const address = { generation, name };
  const mark = markIn(row);
  if (!mark) {
    const connector = name.replace(/^kafka-service-/, '').replace(/-[^-]*$/, '');
    return {
      connector,
      instanceId: null,
      topic: null,
      address,
      madeBy: 'the console',
      status: 'see the Kafka console',
      lag: null,
    };
  }
  const [trigger, lag] = await Promise.all([
    cloud.functionCompute(generation).trigger(name),
    // The instance may be gone, which is no reason to leave the others out.
    readProgress(cloud, { ...mark, consumerGroup: groupOf(mark.connector) }).then(
      (progress) => progress.lag,
      () => null,
    ),
  ]);
  const status = trigger ? describeStream(await streamState(cloud, trigger)) : 'not whole: run `s deploy`';
  return { ...mark, address, madeBy: 'this package', status, lag };
}
