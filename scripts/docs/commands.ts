import { localSummary } from '../connector/commands/local.ts';
import { commands } from '../connector/component.ts';
import { usage as demoUsage } from '../demo/options.ts';
import { usage as invokeUsage } from '../local-cli/invoke-options.ts';
import { usage as startUsage } from '../local-cli/start-options.ts';
import { code, codeBlock, page, table } from './markdown.ts';

const verifySummary = "Check the properties of s.yaml with this package's schema; Serverless Devs' own command";

/** The page of every command of `s` with its options, from the component's table. */
export function renderCommands(): string {
  return page('Commands', [
    'From the table of commands in [`scripts/connector/component.ts`](../../scripts/connector/component.ts). Run each as `npx s COMMAND` in the folder of `s.yaml`; `--help` shows the same.',
    table(['command', 'what it does'], summaryRows()),
    '## Options of every command',
    table(['option', 'meaning'], sharedOptions),
    'The exit code is 0 for success alone. As root, `SERVERLESS_DEVS_CICD=true` keeps a warning of Serverless Devs off standard output.',
    ...Object.keys(commands).flatMap(sectionOf),
    '## `s local start`',
    'The same as `npm run local:cloud`.',
    codeBlock(startUsage),
    '## `s local invoke`',
    'The same as `npm run local:invoke`, with the settings of `s.yaml` before those of the environment.',
    codeBlock(invokeUsage),
    '## `npm run demo`',
    codeBlock(demoUsage),
  ]);
}

const sharedOptions = [
  [
    '`-o`, `--output-format FORMAT`',
    '`json`, `yaml` or `raw`: the result for a program, alone on standard output; everything else goes to standard error',
  ],
  ['`-y`, `--assume-yes`', 'answer yes; without it, and without a terminal, a command that needs a yes fails'],
  ['`-t`, `--template FILE`', 'another file than `s.yaml`'],
  ['`-a`, `--access NAME`', 'the access key of this name, of those that `npx s config add` has stored'],
];

function summaryRows(): string[][] {
  const own = Object.entries(commands).map(([name, { summary }]) => [`[\`s ${name}\`](#s-${name})`, summary]);
  return [['`s verify`', verifySummary], ...own, ['`s local`', localSummary]];
}

function sectionOf(name: string): string[] {
  const { summary, options } = commands[name] ?? { summary: '', options: {} };
  const rows = Object.entries(options).map(([option, { description, short, type }]) => {
    const value = type === 'string' ? ` ${option.toUpperCase()}` : '';
    return [`${short === undefined ? '' : `${code(`-${short}`)}, `}${code(`--${option}${value}`)}`, description];
  });
  return [`## \`s ${name}\``, `${summary}.`, rows.length === 0 ? 'No options of its own.' : table(['option', 'meaning'], rows)];
}
