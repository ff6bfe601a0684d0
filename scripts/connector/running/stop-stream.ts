import type { Report } from '../../terminal/report.ts';
import type { Task } from '../../terminal/tasks.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { JsonObject } from '../cloud/json.ts';
import { isReadBySomebody } from '../cloud/kafka.ts';
import type { DeployedConnector } from './connector.ts';
import { configOf, describeStream, isStopped, streamState, switchOff, until } from './stream.ts';
import { triggerFields } from './trigger.ts';

/** Resolves when a stream that has been switched off has stopped, and its consumers have left, unless another reads as its group; throws after two minutes. */
export async function untilStopped(cloud: AlibabaCloud, trigger: JsonObject, report: Report, isAlone = true): Promise<void> {
  const { InstanceId: instanceId, ConsumerGroup: consumerGroup } = triggerFields(trigger).source;
  const hasStopped = async () => {
    const [stream, group] = await Promise.all([streamState(cloud, trigger), cloud.kafka.consumerGroup(instanceId, consumerGroup)]);
    report(`stream ${describeStream(stream)}, group ${consumerGroup} ${group?.state ?? 'not there'}`);
    return isStopped(stream) && !(isAlone && isReadBySomebody(group));
  };
  await until(hasStopped, 'its stream did not stop, or consumers of its group did not leave');
}

/** Stops the stream, and waits until it has stopped for certain: a new start must not meet the end of the old one. */
export function stopTasks(connector: DeployedConnector): Task[] {
  const { address, cloud, names, trigger } = connector;
  return [
    { title: 'Switch the trigger off', run: () => switchOff(cloud, address, configOf(trigger)) },
    { title: `Wait until nobody reads as ${names.consumerGroup}`, run: (report) => untilStopped(cloud, trigger, report) },
  ];
}
