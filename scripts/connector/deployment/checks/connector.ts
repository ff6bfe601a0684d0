import { isReadBySomebody } from '../../cloud/kafka.ts';
import { describeAddress, duplicateFix, duplicatesIn, markIn } from '../../running/functions.ts';
import { describeStream, hasFailed, isHeldBack, runs } from '../../running/stream.ts';
import { isPaused } from '../survey.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';
import { otherChecks } from './other-connectors.ts';

/** Whether the connector is one, alone with its group and its documents, and whether it runs. */
export function connectorChecks(context: CheckContext): Check[] {
  return [...nameChecks(context), ...groupChecks(context), ...otherChecks(context), ...streamChecks(context)];
}

function nameChecks({ intent, props, survey }: CheckContext): Check[] {
  const title = 'Name of the connector';
  const { consumerGroup, functions, namesakes, own, former } = survey;
  const duplicates = duplicatesIn(functions);
  if (duplicates.length > 1) {
    const detail = `${props.name} has ${duplicates.length}, and never two may read as its group: ${duplicates.map(describeAddress).join(' and ')}`;
    return [failed(title, detail, duplicateFix)];
  }
  const there = own ?? former;
  if (there) return [passed(title, `${props.name} is this connector's, in ${describeAddress(there)}`)];
  const foreign = namesakes.find((one) => markIn(one) === undefined);
  if (!foreign || !consumerGroup || intent.adopts) return [passed(title, `${props.name} is free in ${props.kafka.instanceId}`)];
  const detail = `${props.name} is the name of the connector of ${describeAddress(foreign)}, which was not made by this package`;
  return [failed(title, detail, 'Take it over with `s deploy --adopt`, choose another name, or remove that connector first.')];
}

/** Before a trigger is made nobody else may read as its group: each would get a part of the records. */
function groupChecks({ intent, names, props, survey }: CheckContext): Check[] {
  const title = 'Consumer group';
  const { consumerGroup, namesakes, own, former } = survey;
  const foreign = namesakes.find((one) => markIn(one) === undefined);
  const { topic } = props.kafka;
  if (own?.trigger || former?.trigger) return [];
  if (intent.adopts && !consumerGroup) {
    return [failed(title, `there is no group ${names.consumerGroup} to take over`, 'Correct the name, or deploy without --adopt.')];
  }
  if (intent.adopts && consumerGroup && consumerGroup.topics.length > 0 && !consumerGroup.topics.includes(topic)) {
    const detail = `${names.consumerGroup} stands in ${consumerGroup.topics.join(', ')}, not in ${topic}`;
    return [failed(title, detail, 'Correct kafka.topic, or deploy without --adopt.')];
  }
  if (!isReadBySomebody(consumerGroup)) return [];
  if (intent.adopts) {
    return [noticed(title, `${names.consumerGroup} is read as: the deployment waits before it makes the trigger, until nobody does`)];
  }
  const owner = foreign ? `the connector of ${describeAddress(foreign)}` : 'another consumer';
  const detail = `${names.consumerGroup} is used by ${owner}, which reads ${consumerGroup?.topics.join(', ') || 'nothing yet'}`;
  const otherwise = 'Take it over with `s deploy --adopt`, choose another name, or stop and remove that one first.';
  return [
    failed(title, detail, foreign ? otherwise : `Is another deployment under way? Then run this again when it has ended. ${otherwise}`),
  ];
}

function streamChecks({ intent, props, survey }: CheckContext): Check[] {
  const title = 'Stream of the trigger';
  const { own } = survey;
  const stream = own?.stream;
  const trigger = own?.trigger;
  if (!trigger || !stream) return [];
  const status = describeStream(stream);
  if (stream.status === 'UNKNOWN') {
    return [
      noticed(title, `${status}; its trigger is ${runs(trigger, stream) ? 'enabled' : 'not enabled'}, which is all that can be told`),
    ];
  }
  if (runs(trigger, stream)) return [passed(title, stream.status)];
  if (hasFailed(stream)) return [noticed(title, `${status}; the deployment starts it`)];
  if (isHeldBack(trigger))
    return [noticed(title, `${status}, held back; the deployment starts it as soon as the function can do its work`)];
  if (intent.resumes || !isPaused(survey, props)) return [noticed(title, `${status}; the deployment starts it`)];
  return [noticed(title, `${status}: it is paused or has stopped, and stays so; \`s deploy --resume\` or \`s resume\` starts it`)];
}
