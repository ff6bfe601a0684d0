import { describeAddress, describeUnseen, otherThan } from '../../running/functions.ts';
import { describeStream, isHeldBack } from '../../running/stream.ts';
import { type Check, type CheckContext, noticed } from './check-result.ts';

/** Whether the connector is, or may be, in the other generation of Function Compute. */
export function generationChecks({ names, props, survey }: CheckContext): Check[] {
  const title = 'Generation of Function Compute';
  const { api } = props.function;
  const { former, unseen } = survey;
  if (former) {
    const { trigger } = former;
    const stream = former.stream ? `stream ${describeStream(former.stream)}` : 'no trigger';
    const state = trigger && isHeldBack(trigger) ? `${stream}, held back` : stream;
    const from = `${otherThan(api)} (${describeAddress(former)}, ${state})`;
    return [
      noticed(
        title,
        `moves from ${from} to ${api}: that one is stopped, the new one goes on at the position of ${names.consumerGroup}, and that one is removed`,
      ),
    ];
  }
  return unseen === undefined ? [] : [noticed(title, describeUnseen(otherThan(api), unseen))];
}
