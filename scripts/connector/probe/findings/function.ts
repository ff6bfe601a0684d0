import { type Finding, seconds } from '../finding.ts';
import { NotMeasured } from '../not-measured.ts';
import type { Workbench } from '../workbench.ts';

/** Lines found later than this make `s logs` look empty just after a message. */
const soonSeconds = 30;

/** What a function alone tells, without a stream. */
export const functionFindings: readonly Finding[] = [
  {
    name: 'code-checksum',
    question: 'Is `codeChecksum` of a function the CRC-64 of its zip?',
    assumed: 'CRC-64 (ECMA-182, reflected), in decimal',
    how: "compares GetFunction's with that of the zip that was uploaded",
    otherwise: 'every deploy would upload the code again, though it has not changed',
    measure: async (workbench) => {
      await workbench.things.receiver();
      const row = await workbench.functions.function(workbench.names.receiver);
      const { checksum } = await workbench.things.receiverCode();
      if (row?.codeChecksum === undefined) return { found: 'not returned', holds: false };
      const isEqual = String(row.codeChecksum) === checksum;
      return { found: isEqual ? 'equal' : `another, of ${String(row.codeChecksum).length} characters`, holds: isEqual };
    },
  },
  {
    name: 'error-type',
    question: 'What is `X-Fc-Error-Type` of an invocation that threw?',
    assumed: 'present, with status 200',
    how: 'invokes the function with an event on which it throws',
    otherwise: 'commands would take a failed invocation for a success',
    measure: async (workbench) => {
      const { body, errorType } = await invoke(workbench, { fail: true });
      return { found: errorType ?? `absent; the body has ${body.length} characters`, holds: errorType !== undefined };
    },
  },
  {
    name: 'log-topic',
    question: "What is `__topic__` of a function's lines in Log Service?",
    assumed: "the service's name in 2.0, `FCLogs:` and the function's in 3.0",
    how: 'reads the lines of an invocation without naming a topic',
    otherwise: '`s logs` and `s message` would find no line',
    measure: async (workbench) => {
      const { logTopic } = await loggedInvocation(workbench);
      const { api, names } = workbench;
      const expected = api === '2.0' ? names.receiver : `FCLogs:${names.receiver}`;
      return { found: logTopic === '' ? 'empty' : logTopic, holds: logTopic === expected };
    },
  },
  {
    name: 'log-delay',
    question: 'How long after an invocation are its lines found in Log Service?',
    assumed: `within ${soonSeconds} s`,
    how: 'invokes the function, and looks for its line until it is there',
    otherwise: '`s message` and `s logs` should wait longer before they say that there is nothing',
    measure: async (workbench) => {
      const { ms } = await loggedInvocation(workbench);
      return { found: `${seconds(ms)} s`, holds: ms <= soonSeconds * 1000 };
    },
  },
];

async function invoke(workbench: Workbench, event: object) {
  await workbench.things.receiver();
  return workbench.functions.invoke(workbench.names.receiver, Buffer.from(JSON.stringify(event)));
}

/** A line of an invocation, and how long after the invocation it was found. */
async function loggedInvocation(workbench: Workbench): Promise<{ readonly logTopic: string; readonly ms: number }> {
  return workbench.pace.once('logged invocation', async () => {
    const { errorType, requestId } = await invoke(workbench, []);
    if (errorType !== undefined) throw new NotMeasured(`the probe's function failed (${errorType})`);
    const { found, ms } = await workbench.pace.until('the line of the invocation', workbench.limits.delivery, async () =>
      (await workbench.lines()).find((line) => line.requestId === requestId),
    );
    return { logTopic: found.logTopic, ms };
  });
}
