import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FcService } from '../cloud/function-compute.ts';
import { openContext } from '../config/context.ts';
import { functionName, groupOf, readMark, servicePrefix, triggerName } from '../config/names.ts';
import { readProgress } from '../running/lag.ts';
import { describeStream, streamState } from '../running/stream.ts';
import type { Command } from './command.ts';

export const list: Command = {
  summary: 'List the connectors of the region with their state, those of the console too',
  options: {},
  run: async (inputs) => {
    const { cloud, props } = await openContext(inputs);
    const services = await cloud.functionCompute.services(`${servicePrefix()}-`);
    const connectors = await Promise.all(services.map((service) => describe(cloud, service)));
    connectors.sort((left, right) => left.connector.localeCompare(right.connector) || left.service.localeCompare(right.service));
    const lines = connectors.map(({ connector, instanceId, lag, madeBy, service, status, topic }) =>
      [
        connector,
        instanceId ?? '(unknown instance)',
        topic ?? '(unknown topic)',
        service,
        madeBy,
        status,
        ...(lag === null ? [] : [`lag ${lag}`]),
      ].join('  '),
    );
    return { value: { region: props.region, connectors }, text: lines.join('\n') || `There are no connectors in ${props.region}.` };
  },
};

interface Listed {
  readonly connector: string;
  readonly instanceId: string | null;
  readonly topic: string | null;
  readonly service: string;
  readonly madeBy: 'this package' | 'the console';
  /** The stream's status in EventBridge's words, with the reason when it tells one. */
  readonly status: string;
  /** How many records have not been delivered; null where nobody tells. */
  readonly lag: number | null;
}

/** The console's connectors run in Kafka Connect, whose state no API tells. */
async function describe(cloud: AlibabaCloud, { description, serviceName }: FcService): Promise<Listed> {
  const mark = readMark(description);
  if (!mark) {
    const connector = serviceName.replace(/^kafka-service-/, '').replace(/-[^-]*$/, '');
    return {
      connector,
      instanceId: null,
      topic: null,
      service: serviceName,
      madeBy: 'the console',
      status: 'see the Kafka console',
      lag: null,
    };
  }
  const [trigger, lag] = await Promise.all([
    cloud.functionCompute.trigger(serviceName, functionName, triggerName),
    // The instance may be gone, which is no reason to leave the others out.
    readProgress(cloud, { ...mark, consumerGroup: groupOf(mark.connector) }).then(
      (progress) => progress.lag,
      () => null,
    ),
  ]);
  const status = trigger ? describeStream(await streamState(cloud, trigger)) : 'not whole: run `s deploy`';
  return { ...mark, service: serviceName, madeBy: 'this package', status, lag };
}
