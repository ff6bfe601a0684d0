import { print } from '../../terminal/output.ts';
import { runTasks } from '../../terminal/tasks.ts';
import type { FunctionAddress } from '../cloud/function-compute/function-compute.ts';
import { type Context, openContext } from '../config/context.ts';
import { namesOf } from '../config/names.ts';
import { ApplyContext } from '../deployment/apply.ts';
import { describeSteps } from '../deployment/describe.ts';
import { makeRemoval, type Step } from '../deployment/plan.ts';
import { divideForRemoval, type Kept, type Removal } from '../deployment/removal.ts';
import { foundResources, isOfFunction } from '../deployment/resources/all-resources.ts';
import { takeSurvey } from '../deployment/survey.ts';
import { describeUnseen, otherThan } from '../running/functions.ts';
import type { Command } from './command.ts';
import { confirm } from './confirm.ts';

export const remove: Command = {
  summary: 'Remove the connector; topics and consumer group stay',
  options: { 'with-topics': { type: 'boolean', description: 'also the topics and the consumer group that the connector has made' } },
  run: async (inputs, { assumesYes, isForProgram, values }) => {
    const context = await openContext(inputs);
    const removal = await look(context, values['with-topics'] === true);
    const { name, region } = context.props;
    const { kept, taken } = divideForRemoval(removal);
    const parts = partsOf(removal, makeRemoval(taken));
    const steps = parts.flatMap((part) => part.steps);
    const rows = steps.map(({ action, resource: { kind, name } }) => ({ action, kind, name }));
    const value = { connector: name, steps: rows, kept };
    const { unseen } = removal.survey;
    const keeps = [
      ...describeKept(kept),
      ...(unseen === undefined ? [] : [`  ${describeUnseen(otherThan(context.props.function.api), unseen)}`]),
    ];
    if (steps.length === 0) return { value, text: [`There is nothing to remove of connector ${name}.`, ...keeps].join('\n') };
    if (!isForProgram) print([`Connector ${name} in ${region}\n`, describeSteps(steps), ...keeps, ''].join('\n'));
    await confirm(`Remove connector ${name}?`, 'Nothing was removed.', assumesYes);
    await carryOut(context, removal, parts);
    return {
      value,
      text: `Connector ${name} is removed. Service-linked roles and the whitelist of Elasticsearch stay: others may rest on them.`,
    };
  },
};

async function look({ cloud, props }: Context, withTopics: boolean): Promise<Removal> {
  const names = namesOf(props, cloud.access.accountId);
  const found = await takeSurvey(cloud, props, names);
  const hasOtherStores = (await cloud.logs.logstores(names.logProject)).some((logstore) => logstore !== names.logstore);
  return { props, names, survey: found, withTopics, hasOtherStores };
}

/** Steps that concern one function, or none. */
interface Part {
  readonly address: FunctionAddress | undefined;
  readonly steps: readonly Step[];
}

/** Every function that is the connector's, and then what is beside them. */
function partsOf(removal: Removal, besides: readonly Step[]): Part[] {
  const parts = removal.survey.functions.map((own) => ({
    address: own,
    steps: makeRemoval(foundResources({ ...removal, own }).filter(isOfFunction)),
  }));
  return [...parts, { address: undefined, steps: besides }];
}

async function carryOut({ cloud, props }: Context, { names, survey: found }: Removal, parts: readonly Part[]): Promise<void> {
  const tasks = parts.flatMap(({ address, steps }) => {
    const applyContext = new ApplyContext({
      cloud,
      names,
      props,
      generation: address?.generation ?? props.function.api,
      known: found.functions,
      address,
      securityGroupId: found.network.securityGroup?.securityGroupId,
    });
    return steps.map((step) => ({ title: `delete ${step.resource.kind} ${step.resource.name}`, run: () => applyContext.apply(step) }));
  });
  await runTasks(tasks);
}

function describeKept(kept: readonly Kept[]): string[] {
  return kept.map(({ kind, name, why }) => `  ${kind} ${name} stays: ${why}`);
}
