import type { Report } from '../../terminal/report.ts';
import { CloudFailure } from '../cloud/call.ts';
import { type Generation, generations } from '../cloud/function-compute/function-compute.ts';
import type { Context } from '../config/context.ts';
import { probePrefix, type RunNames } from './run-names.ts';

/** A piece of the clean-up. */
interface Removal {
  /** What goes, as `topic x`. */
  readonly what: string;
  readonly remove: () => Promise<void>;
}

/** Removes all that a run has made in this generation, whatever of it is there, the topic last; resolves to what is left, each with the reason. */
export async function removeRun(context: Context, names: RunNames, generations: readonly Generation[], report: Report): Promise<string[]> {
  const left: string[] = [];
  for (const { what, remove } of removals(context, names, generations)) {
    // By its topic the next clean-up finds what is left.
    if (what === `topic ${names.topic}` && left.length > 0) {
      left.push(`${what}: it stays, so that the next clean-up finds the rest`);
      continue;
    }
    report(`remove ${what}`);
    await remove().catch((error: unknown) => left.push(`${what}: ${error instanceof Error ? error.message : String(error)}`));
  }
  return left;
}

/** The generations in which an earlier run may have made something: those that the account has. */
export async function generationsOf({ cloud }: Context): Promise<Generation[]> {
  const answers = await Promise.all(
    generations.map(async (generation) => {
      const rows = await unlessRefused(cloud.functionCompute(generation).list(probePrefix));
      return rows === undefined ? [] : [generation];
    }),
  );
  return answers.flat();
}

async function unlessRefused<Result>(result: Promise<Result>): Promise<Result | undefined> {
  return result.catch((error: unknown) => {
    if (error instanceof CloudFailure && error.isRefusal) return undefined;
    throw error;
  });
}

function removals({ cloud, props }: Context, names: RunNames, generations: readonly Generation[]): Removal[] {
  const { instanceId } = props.kafka;
  const { consumerGroup, deadLetterTopic, logProject, logstore, topic } = names;
  return [
    ...generations.flatMap((generation) => functionRemovals({ cloud, props }, names, generation)),
    { what: `log store ${logstore} of ${logProject}`, remove: () => cloud.logs.deleteLogstore(logProject, logstore) },
    { what: `log project ${logProject}`, remove: () => cloud.logs.deleteProject(logProject) },
    { what: `security group ${names.securityGroup}`, remove: () => removeSecurityGroup({ cloud, props }, names) },
    { what: `consumer group ${consumerGroup}`, remove: () => cloud.kafka.deleteConsumerGroup(instanceId, consumerGroup) },
    { what: `topic ${deadLetterTopic}`, remove: () => cloud.kafka.deleteTopic(instanceId, deadLetterTopic) },
    { what: `topic ${topic}`, remove: () => cloud.kafka.deleteTopic(instanceId, topic) },
  ];
}

function functionRemovals({ cloud }: Context, { producer, receiver }: RunNames, generation: Generation): Removal[] {
  const functions = cloud.functionCompute(generation);
  const removal = (name: string): Removal[] => [
    { what: `function ${name}`, remove: () => functions.deleteFunction(name) },
    ...(generation === '2.0' ? [{ what: `service ${name}`, remove: () => cloud.functionCompute2.deleteService(name) }] : []),
  ];
  return [{ what: `trigger of ${receiver}`, remove: () => functions.deleteTrigger(receiver) }, ...removal(receiver), ...removal(producer)];
}

async function removeSecurityGroup({ cloud, props }: Context, { securityGroup }: RunNames): Promise<void> {
  const vpcId = (await cloud.kafka.instance(props.kafka.instanceId))?.vpcId;
  const group = vpcId && (await cloud.ecs.securityGroup({ vpcId, securityGroupName: securityGroup }));
  if (group) await cloud.ecs.deleteSecurityGroup(group.securityGroupId);
}
