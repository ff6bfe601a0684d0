import { print } from '../../terminal/output.ts';
import type { JsonObject } from '../cloud/json.ts';
import { type Context, openContext } from '../config/context.ts';
import type { Props } from '../config/schema.ts';
import { carryOut, isOfTrigger } from '../deployment/carry-out.ts';
import type { Prepared } from '../deployment/prepare.ts';
import { isPaused } from '../deployment/survey.ts';
import { addressFields, type ConnectorFunction, describeAddress } from '../running/functions.ts';
import { readProgress } from '../running/lag.ts';
import { describeFunctionChecks } from '../running/readiness.ts';
import { describeStream } from '../running/stream.ts';
import { triggerFields } from '../running/trigger.ts';
import type { Command } from './command.ts';
import { confirm } from './confirm.ts';
import { describePlan, intentOptions, isUpToDate, prepareShown, readIntent } from './plan.ts';

export const deploy: Command = {
  summary: 'Create or update the connector: everything that plan shows',
  options: intentOptions,
  run: async (inputs, { assumesYes, isForProgram, values }) => {
    const context = await openContext(inputs);
    const intent = readIntent(values);
    const prepared = await prepareShown(context, intent);
    const planned = describePlan(context, prepared);
    if (!isForProgram) print(`${planned.text}\n`);
    const { name, kafka, elasticsearch } = context.props;
    const paused = isPaused(prepared.survey, context.props) && !intent.resumes ? [describePause(prepared)] : [];
    if (isUpToDate(prepared)) {
      const { own } = prepared.survey;
      return {
        value: { ...planned.value, ...(own && addressFields(own)) },
        text: [`Connector ${name} was up to date; nothing was changed.`, ...paused].join('\n'),
      };
    }
    await confirmReplacement(context, prepared, assumesYes);
    const { address, checks } = await carryOut(context, prepared, intent.adopts);
    const text = [
      `Checks by the function\n${describeFunctionChecks(checks)}\n`,
      `Connector ${name} is deployed, in ${describeAddress(address)}: records of ${kafka.topic} go to ${elasticsearch.index}.`,
      ...paused,
    ].join('\n');
    return { value: { ...planned.value, ...addressFields(address), functionChecks: checks }, text };
  },
};

function describePause({ survey: { own, former } }: Prepared): string {
  const state = own?.stream ?? former?.stream;
  return `It stays paused, as it was found${state ? ` (${describeStream(state)})` : ''}: \`s resume\` or \`s deploy --resume\` starts it.`;
}

/** Who replaces a trigger by one that reads something else should know what it has not read. */
async function confirmReplacement({ cloud, props }: Context, { steps, survey }: Prepared, assumesYes: boolean): Promise<void> {
  const trigger = isOfTrigger(steps, 'replace') ? survey.own?.trigger : triggerOfOtherTopic(survey.former, props);
  if (!trigger) return;
  const { ConsumerGroup: consumerGroup, InstanceId: instanceId, Topic: topic } = triggerFields(trigger).source;
  const { lag } = await readProgress(cloud, { instanceId, topic, consumerGroup, initialPosition: props.kafka.initialPosition });
  const behind = lag === null ? 'an unknown number of records' : `${lag} records`;
  const question = `The trigger is replaced: ${topic} of ${instanceId} is no longer read, and ${behind} that have not been delivered stay behind. Go on?`;
  await confirm(question, 'Nothing was changed.', assumesYes);
}

/** A move to the other generation goes on where the group stands, unless the topic changes with it. */
function triggerOfOtherTopic(former: ConnectorFunction | undefined, { kafka }: Props): JsonObject | undefined {
  const trigger = former?.trigger;
  return trigger && triggerFields(trigger).source.Topic !== kafka.topic ? trigger : undefined;
}
