import { Failure } from '../../shared/errors.ts';
import { check } from './check.ts';
import type { Command } from './decode.ts';
import type { Session } from './elasticsearch/session.ts';
import { find } from './find.ts';
import type { Mapper } from './map.ts';

const plannedCommands = ['audit', 'replay'];

/** Carries out a command that came in place of records; throws `EventInvalid` for a command that it does not know. */
export async function runCommand(command: Command, session: Session, mapper: Mapper): Promise<unknown> {
  switch (command.command) {
    case 'check':
      return check(session, mapper);
    case 'find':
      return find(command, session, mapper);
    case 'produce':
      return (await import('./kafka/index.ts')).produce(session.settings, session.deadline.leftMs, command);
    default: {
      const isPlanned = plannedCommands.includes(command.command);
      throw new Failure(
        'EventInvalid',
        isPlanned ? 'the command is not supported yet' : 'the command is not known; known are check, find and produce',
      );
    }
  }
}
