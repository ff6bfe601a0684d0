import { describeStream, isStopped } from '../../running/stream.ts';
import { type Finding, seconds } from '../finding.ts';
import { type Push, pushesFrom, pushesOf } from '../receiver-lines.ts';
import type { Workbench } from '../workbench.ts';

/** The retries of BACKOFF_RETRY: https://www.alibabacloud.com/help/en/eventbridge/user-guide/retry-and-dead-letter */
const retries = 3;

/** What a stream does when the function fails, and when it cannot start. */
export const failureFindings: readonly Finding[] = [
  {
    name: 'function-errors',
    question: 'Is a push that the function answers with status 200 and `X-Fc-Error-Type` a failed one, which is tried again?',
    assumed: `yes, ${retries} times within a minute with BACKOFF_RETRY`,
    how: 'sends a record on which the function throws, and counts its pushes',
    otherwise: 'a batch that fails for a while would be lost: file an issue with this report at once',
    measure: async (workbench) => {
      const pushes = await failedPushes(workbench);
      const waits = pushes.slice(1).map(({ startedAt }, index) => seconds(startedAt - (pushes[index]?.startedAt ?? startedAt)));
      if (waits.length === 0) return { found: `not pushed again within ${workbench.limits.retry} s`, holds: false };
      return { found: `pushed again ${waits.length} times, after ${waits.join(', ')} s`, holds: true };
    },
  },
  {
    name: 'given-up',
    question: 'What do the stream and the trigger say when all retries have failed and errorsTolerance is NONE?',
    assumed: 'the stream READY; `triggerEnable` may say either',
    how: 'sends a record on which the function throws, and waits until the stream no longer runs',
    otherwise: '`s info` and `s check` would not see that a connector with onFailure: stop has stopped',
    measure: async (workbench) => {
      const { enabled, state } = await givenUp(workbench);
      return { found: `${describeStream(state)}; ${enabled}`, holds: state.status === 'READY' };
    },
  },
  {
    name: 'start-again',
    question: 'Does StartEventStreaming start a stream that has given up, at the record that had failed?',
    assumed: 'yes',
    how: 'starts it, and looks whether the function is given that record again',
    otherwise: '`s resume` could not start a connector with onFailure: stop, or would pass over the record',
    measure: async (workbench) => {
      await givenUp(workbench);
      const before = pushesOf(await workbench.lines(), 'given-up').length;
      const refusal = await workbench.trigger.startStream();
      if (refusal !== undefined) return { found: `the start is refused: ${refusal}`, holds: false };
      const again = await workbench.pace.within('the record to be pushed again', workbench.limits.delivery, async () =>
        pushesOf(await workbench.lines(), 'given-up').length > before ? true : undefined,
      );
      const { status } = await workbench.trigger.state();
      return { found: `${again ? 'pushed again' : 'not pushed again'}; ${status}`, holds: again === true };
    },
  },
  {
    name: 'trigger-again',
    question: 'How soon after a trigger is deleted can another of its name be made?',
    assumed: 'within 2 minutes',
    how: 'deletes the trigger, and makes one that reads another topic',
    otherwise: 'a deployment that replaces a trigger would fail halfway, and go on when it is run again',
    measure: async (workbench) => {
      await workbench.trigger.beThere();
      const started = performance.now();
      await workbench.trigger.delete();
      const goneMs = performance.now() - started;
      const [first] = await workbench.trigger.deliver({ deadLetters: true });
      const madeMs = performance.now() - started - goneMs;
      const took = first === undefined ? madeMs : Math.min(madeMs, first.ms);
      return { found: `gone after ${seconds(goneMs)} s, made again after ${seconds(took)} s more`, holds: goneMs + took <= 120_000 };
    },
  },
  {
    name: 'dead-letter',
    question: 'Which form has a dead letter in a topic?',
    assumed: 'the event, `[{…}, …]`, or one element of it; `s replay` is to read both',
    how: 'reads the topic of dead letters with the trigger, after the retries of a record have failed',
    otherwise: '`s replay --source dead-letter` could not read it',
    measure: async (workbench) => {
      await failedPushes(workbench);
      await workbench.trigger.deliver({ deadLetters: true });
      const letter = await workbench.pace.within('the dead letter', workbench.limits.delivery, async () =>
        pushesFrom(await workbench.lines(), workbench.names.deadLetterTopic).at(0),
      );
      if (!letter) return { found: `none within ${workbench.limits.delivery} s`, holds: false };
      const found = `${letter.valueShape}${letter.hasKey ? '; with a key' : '; without a key'}${letter.headers === '' ? '' : `; headers ${letter.headers}`}`;
      return { found, holds: /^\[?\{.*\b(data: \{|offset: number)/.test(letter.valueShape) };
    },
  },
];

/** The pushes of a record on which the function throws, once its last retry, or none, has come. */
function failedPushes(workbench: Workbench): Promise<readonly Push[]> {
  return workbench.pace.once('failed pushes', async () => {
    await workbench.trigger.deliver({});
    await workbench.send({ scenario: 'failed', number: 0, fail: true });
    let pushes: readonly Push[] = [];
    const look = async (count: number) => {
      pushes = pushesOf(await workbench.lines(), 'failed');
      return pushes.length >= count || undefined;
    };
    await workbench.pace.until('the first push', workbench.limits.delivery, () => look(1));
    // Each within the limit of one.
    for (let count = 2; count <= retries + 1; count += 1) {
      if (!(await workbench.pace.within(`push ${count}`, workbench.limits.retry, () => look(count)))) break;
    }
    return pushes;
  });
}

/** What stream and trigger say once the retries of a record have failed, and nothing may be passed over. */
function givenUp(workbench: Workbench) {
  return workbench.pace.once('given up', async () => {
    await workbench.trigger.deliver({ errorsTolerance: 'NONE' });
    await workbench.send({ scenario: 'given-up', number: 0, fail: true }, { partition: 1 });
    const stopped = await workbench.pace.within('the stream to give up', workbench.limits.stream, async () => {
      const state = await workbench.trigger.state();
      return isStopped(state) ? state : undefined;
    });
    return { state: stopped ?? (await workbench.trigger.state()), enabled: await workbench.trigger.enabled() };
  });
}
