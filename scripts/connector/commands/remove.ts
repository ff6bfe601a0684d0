import { createInterface } from 'node:readline/promises';
import { Site } from '../apply.ts';
import { topicRules } from '../checks/topics.ts';
import { openTarget, type Target } from '../context.ts';
import { existingResources } from '../existing.ts';
import { type Names, namesOf } from '../names.ts';
import { makeRemoval, type Step } from '../plan.ts';
import { describeSteps } from '../print.ts';
import type { Resource } from '../resources.ts';
import type { Props } from '../schema.ts';
import { runTasks } from '../steps.ts';
import { type Survey, survey } from '../survey.ts';
import type { Command } from './command.ts';

export const remove: Command = {
  summary: 'Remove the connector; topics and consumer group stay',
  options: { 'with-topics': { type: 'boolean', description: 'also the topics and the consumer group that belong to the connector' } },
  run: async (inputs, { assumesYes, isForProgram, values }) => {
    const target = await openTarget(inputs);
    const { cloud, props } = target;
    const names = namesOf(props, cloud.access.accountId);
    const found = await survey(cloud, props, names);
    const hasOthers = (await cloud.logs.logstores(names.logProject)).some((logstore) => logstore !== names.logstore);
    const steps = removalOf(props, names, found, { withTopics: values['with-topics'] === true, hasOthers });
    const rows = steps.map(({ action, resource: { kind, name } }) => ({ action, kind, name }));
    if (steps.length === 0) return { value: { connector: props.name, steps: rows }, text: `There is nothing of connector ${props.name}.` };
    if (!isForProgram) process.stdout.write(`Connector ${props.name} in ${props.region}\n\n${describeSteps(steps)}\n\n`);
    await confirm(`Remove connector ${props.name}?`, assumesYes);
    await carryOut(target, names, found, steps);
    return { value: { connector: props.name, steps: rows }, text: `Connector ${props.name} is removed.` };
  },
};

interface Scope {
  readonly withTopics: boolean;
  /** Other connectors have stores in the log project. */
  readonly hasOthers: boolean;
}

/** Roles and whitelist stay: others may rest on them. So do topics and group, unless they are to go. */
function removalOf(props: Props, names: Names, found: Survey, { hasOthers, withTopics }: Scope): Step[] {
  const kinds: Resource['kind'][] = ['service', 'function', 'trigger', 'security group'];
  if (typeof props.function.logConfig !== 'object') kinds.push(...(hasOthers ? [] : ['log project' as const]), 'log store');
  if (withTopics && props.kafka.resources === 'auto') kinds.push('consumer group', 'topic');
  const topics = topicRules({ props, names, survey: found }).map(({ topic }) => topic);
  const isOwn = ({ kind, name }: Resource) => kinds.includes(kind) && (kind !== 'topic' || topics.includes(name));
  return makeRemoval(existingResources({ props, names, survey: found }).filter(isOwn));
}

async function carryOut({ cloud, props }: Target, names: Names, { network, service }: Survey, steps: readonly Step[]): Promise<void> {
  const site = new Site({
    cloud,
    names,
    instanceId: props.kafka.instanceId,
    serviceName: service?.serviceName,
    securityGroupId: network.securityGroup?.securityGroupId,
  });
  await runTasks(steps.map((step) => ({ title: `delete ${step.resource.kind} ${step.resource.name}`, run: () => site.apply(step) })));
}

/** Throws when the answer is not yes, or when there is nobody to ask. */
async function confirm(question: string, assumesYes: boolean): Promise<void> {
  if (assumesYes) return;
  if (!process.stdin.isTTY) throw new Error(`${question} There is no terminal to ask on: say yes with -y.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('Nothing was removed.');
}
