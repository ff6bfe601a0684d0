import { describeAddress, otherThan } from '../../running/functions.ts';
import { describeStream } from '../../running/stream.ts';
import { type Check, type CheckContext, noticed } from './check-result.ts';

/** Whether the connector is, or may be, in the other generation of Function Compute. */
export function generationChecks({ names, props, survey }: CheckContext): Check[] {
  const title = 'Generation of Function Compute';
  const { api } = props.function;
  const { former, formerStream, unseen } = survey;
  if (former) {
    const state = formerStream ? `whose stream is ${describeStream(formerStream)}` : 'which has no trigger';
    const how = `its stream is stopped, ${names.consumerGroup} goes on here where it stands, and what is there is removed`;
    return [noticed(title, `moves from ${otherThan(api)}, ${describeAddress(former)}, ${state}, to ${api}: ${how}`)];
  }
  if (unseen === undefined) return [];
  return [
    noticed(
      title,
      `whether the connector is in ${otherThan(api)}, too, cannot be told, which is right where the account has only ${api}: ${unseen}`,
    ),
  ];
}
