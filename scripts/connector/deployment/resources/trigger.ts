import { triggerName } from '../../cloud/function-compute/function-compute.ts';
import { objectAt } from '../../cloud/json.ts';
import { arnOf } from '../../config/dead-letter.ts';
import { configOf, isHeldBack, runs, switchOff, switchOn, untilItRuns } from '../../running/stream.ts';
import { type DesiredTrigger, triggerConfig, triggerFields } from '../../running/trigger.ts';
import { consumersOf } from '../consumers.ts';
import { isToRun } from '../survey.ts';
import type { Named, PlanContext, Provider } from './provider.ts';

export interface TriggerFields extends DesiredTrigger {
  /** Set while a deployment holds its stream back. */
  readonly heldBack?: true;
}

/** The trigger, whose event stream reads the topic and calls the function. */
export const trigger: Provider<TriggerFields> = {
  desired: (context) => [desiredTrigger(context)],
  found: ({ own }) => {
    if (!own?.trigger) return [];
    const { runOptions, ...fields } = triggerFields(own.trigger);
    const state = { enabled: runs(own.trigger, own.stream), ...(isHeldBack(own.trigger) && { heldBack: true as const }) };
    const config = configOf(own.trigger);
    if (own.generation === '2.0') {
      const maximumTasks = Number(objectAt(config, 'runOptions').maximumTasks);
      return [{ name: triggerName, ...state, ...fields, runOptions: { ...runOptions, maximumTasks } }];
    }
    const concurrency = Number(objectAt(objectAt(config, 'eventSinkConfig'), 'deliveryOption').concurrency);
    return [{ name: triggerName, ...state, ...fields, concurrency, runOptions }];
  },
  create: async (resource, context) => {
    const { address, cloud } = context;
    await context.stopIfAnotherDeploys();
    await cloud.functionCompute(address.generation).createTrigger(address.name, triggerConfig(resource));
    if (resource.enabled) await untilItRuns(cloud, address);
  },
  change: (resource, { address, cloud }) => (resource.enabled ? switchOn : switchOff)(cloud, address, triggerConfig(resource)),
  delete: (_resource, { address, cloud }) => cloud.functionCompute(address.generation).deleteTrigger(address.name),
  // Where it reads from.
  fixedFields: /^source\.(InstanceId|Topic|ConsumerGroup)$/,
};

function desiredTrigger(context: PlanContext): Named<TriggerFields> {
  const { accountId, intent, names, props, survey } = context;
  const deadLetterArn = arnOf({ region: props.region, accountId, instanceId: props.kafka.instanceId, topic: names.deadLetterTopic });
  const partitions = survey.topics.find(({ topic }) => topic === props.kafka.topic)?.partitions;
  const consumers = consumersOf(props, partitions);
  const isOld = props.function.api === '2.0';
  return {
    name: triggerName,
    enabled: isToRun(survey, props, intent),
    source: source(context),
    eventSchema: props.trigger.eventSchema,
    ...(!isOld && { concurrency: consumers }),
    runOptions: {
      mode: 'event-streaming',
      ...(isOld && { maximumTasks: consumers }),
      errorsTolerance: props.onFailure === 'stop' ? 'NONE' : 'ALL',
      retryStrategy: props.trigger.retryStrategy,
      batchWindow: props.trigger.batchWindow,
      // Taken only together with tolerance ALL.
      ...(props.onFailure === 'continue' && { deadLetterQueue: props.trigger.deadLetterQueue ?? { Arn: deadLetterArn } }),
    },
  };
}

function source({ names, props, survey }: PlanContext): TriggerFields['source'] {
  const { instanceId, topic, initialPosition, vpcId, vSwitchId, securityGroupId } = props.kafka;
  const own = {
    RegionId: props.region,
    InstanceId: instanceId,
    Topic: topic,
    ConsumerGroup: names.consumerGroup,
    OffsetReset: initialPosition,
  };
  // A network can be named only in this mode: https://github.com/devsapp/fc/blob/main/docs/zh/yaml/triggers.md
  if (vpcId === undefined && vSwitchId === undefined && securityGroupId === undefined) return { ...own, Network: 'Default' };
  return {
    ...own,
    Network: 'PublicNetwork',
    VpcId: vpcId ?? survey.kafka?.vpcId ?? '',
    VSwitchIds: vSwitchId ?? survey.kafka?.vSwitchId ?? '',
    SecurityGroupId: securityGroupId ?? survey.kafka?.securityGroupId ?? '',
  };
}
