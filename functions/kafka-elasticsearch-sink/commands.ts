import { Failure } from '../../shared/errors.ts';
import { check } from './check.ts';
import type { Command } from './decode.ts';
import { sendForShort, sendWithRetries } from './elasticsearch/send.ts';
import type { Session } from './elasticsearch/session.ts';
import { find } from './find.ts';
import { Mapper } from './map.ts';
import { deliver, type Sink } from './pipeline.ts';
import type { Tools } from './recovery/tools.ts';

/** Carries out a command that came in place of records; throws `EventInvalid` for a command that it does not know. */
export async function runCommand(command: Command, session: Session, sink: Sink): Promise<unknown> {
  switch (command.command) {
    case 'check':
      return check(session, sink.mapper);
    case 'find':
      return find(command, session, sink.mapper);
    case 'produce':
      return (await import('./kafka/index.ts')).produce(session.settings, session.deadline.leftMs, command);
    case 'audit':
      return (await import('./recovery/index.ts')).audit(command, toolsOf(session, sink));
    case 'replay':
      return (await import('./recovery/index.ts')).replay(command, toolsOf(session, sink));
    default:
      throw new Failure('EventInvalid', 'the command is not known; known are audit, check, find, produce and replay');
  }
}

function toolsOf(session: Session, sink: Sink): Tools {
  // Whoever asks for a record to be delivered does not want it skipped, nor the others held up.
  const settings = { ...session.settings, ON_FAILURE: 'continue', SKIP_POSITIONS: undefined } as const;
  return {
    session,
    mapper: sink.mapper,
    send: (request) => sendWithRetries(session, request),
    sendForShort: (request) => sendForShort(session, request),
    deliver: (elements, errorDestination) =>
      deliver(elements, { ...sink, mapper: new Mapper(settings), errorDestination }, { ...session, settings }),
    errorDestination: sink.errorDestination,
  };
}
