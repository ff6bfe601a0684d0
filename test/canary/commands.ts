import type { LocalName } from '../../scripts/connector/commands/local.ts';
import type { CommandName } from '../../scripts/connector/component.ts';
import type { Canaries } from './canaries.ts';

/** How a command is run on a deployed connector. */
export interface CommandScenario {
  readonly args: (canaries: Canaries, topic: string) => readonly string[];
  /** It prints the document of a record, or what its user has typed, on purpose: then it is searched for secrets alone. */
  readonly showsContent?: true;
}

const plain = (...args: readonly string[]): CommandScenario => ({ args: () => args });

/**
 * Every command, in the order in which they are run, each once in text and once for a program, then refused, forbidden, without a cloud, and with a cloud
 * that echoes. A command without an entry does not compile.
 */
export const commandScenarios = {
  plan: plain(),
  deploy: plain('-y'),
  info: plain(),
  list: plain(),
  check: plain(),
  message: { args: ({ content }) => ['-k', content.key, '-c', JSON.stringify({ [content.field]: content.value })], showsContent: true },
  invoke: {
    args: ({ content }, topic) => [
      '-e',
      JSON.stringify([
        { topic, partition: 0, offset: 1, timestamp: 1, key: content.key, value: content.value, overflowFlag: false, valueSize: 1 },
      ]),
    ],
  },
  logs: plain('--errors'),
  pause: plain(),
  resume: plain(),
  audit: plain('--repair', '-y'),
  replay: plain('-y'),
  probe: plain('-y', '--only', 'generations,zones,edition'),
  remove: plain('-y', '--with-topics'),
} satisfies Record<CommandName, CommandScenario>;

/** Commands that run in processes of their own, and so by the real `s`: how each fails with secrets in what it is given. One without an entry does not compile. */
export const ownProcessScenarios = {
  verify: { args: [], failing: ['an option that it does not have', 'properties that are wrong'] },
  'local invoke': {
    args: ['-f', 'event.json'],
    failing: [
      'an option that it does not have',
      'an option of another value',
      'properties that are wrong',
      'settings that are wrong',
      'a key that is not accepted',
      'a cloud that echoes',
      'an event that is none',
    ],
  },
  'local start': { args: [], failing: ['an option that it does not have', 'an option of another value'] },
} satisfies Record<'verify' | `local ${LocalName}`, OwnProcessScenario>;

export interface OwnProcessScenario {
  readonly args: readonly string[];
  readonly failing: readonly OwnProcessFailure[];
}

/** What a command is given that makes it fail. */
export type OwnProcessFailure =
  | 'an option that it does not have'
  | 'an option of another value'
  | 'properties that are wrong'
  | 'settings that are wrong'
  | 'a key that is not accepted'
  | 'a cloud that echoes'
  | 'an event that is none';
