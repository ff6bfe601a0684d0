import { readInput } from '../../terminal/input.ts';
import { note } from '../../terminal/output.ts';
import { openContext } from '../config/context.ts';
import { describeFailure, inCharge } from '../running/connector.ts';
import { findFunctions } from '../running/functions.ts';
import type { Command } from './command.ts';

export const invoke: Command = {
  summary: 'Invoke the function with an event, and print its log and its answer',
  options: {
    event: { type: 'string', short: 'e', description: 'the event itself' },
    'event-file': { type: 'string', short: 'f', description: 'a file with the event; - is standard input' },
  },
  run: async (inputs, { values }) => {
    const event = readEvent(values.event, values['event-file']);
    const { cloud, props } = await openContext(inputs);
    const own = inCharge((await findFunctions(cloud, props)).functions, props);
    if (!own) throw new Error(`Connector ${props.name} is not deployed. Run \`s deploy\` first.`);
    const { body, errorType, log, requestId } = await cloud.functionCompute(own.generation).invoke(own.name, event);
    note(log.trimEnd());
    if (errorType !== undefined) throw new Error(`The function failed (${describeFailure(body, errorType)}; request ${requestId}).`);
    return { value: { requestId, result: parsed(body) }, text: body };
  },
};

function readEvent(event: string | boolean | undefined, file: string | boolean | undefined): Buffer {
  if (typeof event === 'string') return Buffer.from(event);
  if (typeof file !== 'string') throw new Error('There is no event: give -e EVENT or -f FILE, such as -f test/events/connector.json.');
  return readInput('-f', file);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
