import { isReadBySomebody } from '../../cloud/kafka.ts';
import { describeStream } from '../../running/stream.ts';
import { type Finding, seconds } from '../finding.ts';

/** The patience of `s remove` with network interfaces. */
const interfaceSeconds = 900;

/** What happens when something ends or goes away; these come last, for they take it away. */
export const endFindings: readonly Finding[] = [
  {
    name: 'group-state',
    question: 'What is the state of the group once the stream has left it?',
    assumed: 'EMPTY, DEAD, UNKNOWN, or no word, within 2 minutes',
    how: 'pauses the trigger, and reads the group until it tells that nobody reads',
    otherwise: '`s pause`, and deployments that stop a stream, would wait in vain',
    measure: async (workbench) => {
      await workbench.trigger.beThere();
      const { instanceId } = workbench.props.kafka;
      const states: string[] = [];
      await workbench.trigger.pause();
      const { ms } = await workbench.pace.until('the group to be left', workbench.limits.other, async () => {
        const group = await workbench.cloud.kafka.consumerGroup(instanceId, workbench.names.consumerGroup);
        const state = group?.state ?? 'not there';
        if (state !== states.at(-1)) states.push(state);
        return !isReadBySomebody(group) || undefined;
      });
      return { found: `${states.join(', then ')}, after ${seconds(ms)} s`, holds: ms <= 120_000 };
    },
  },
  {
    name: 'start-failed',
    question: 'What do the stream and the trigger say when the stream cannot start?',
    assumed: 'a status with FAIL in it, and why',
    how: 'pauses the trigger, deletes the topic that it reads, and starts its stream',
    otherwise: 'deploy and resume would wait for two minutes, and not say why',
    measure: async (workbench) => {
      await workbench.trigger.deliver({ deadLetters: true });
      await workbench.trigger.pause();
      await workbench.cloud.kafka.deleteTopic(workbench.props.kafka.instanceId, workbench.names.deadLetterTopic);
      const refusal = await workbench.trigger.startStream();
      if (refusal !== undefined) return { found: `the start is refused: ${refusal}`, holds: null };
      const failed = await workbench.pace.within('the stream to fail', workbench.limits.stream, async () => {
        const state = await workbench.trigger.state();
        return state.status.includes('FAIL') ? state : undefined;
      });
      const state = failed ?? (await workbench.trigger.state());
      return { found: `${describeStream(state)}; ${await workbench.trigger.enabled()}`, holds: failed !== undefined };
    },
  },
  {
    name: 'network-interfaces',
    question: 'How long after a function is deleted do its network interfaces hold its security group?',
    assumed: `at most ${interfaceSeconds / 60} minutes`,
    how: 'deletes the function that is in the VPC, and then its security group',
    otherwise: '`s remove` would leave the security group, and say so',
    measure: async (workbench) => {
      await workbench.things.producer();
      const ms = await workbench.things.removeProducer();
      return { found: `${seconds(ms)} s`, holds: ms <= interfaceSeconds * 1000 };
    },
  },
];
