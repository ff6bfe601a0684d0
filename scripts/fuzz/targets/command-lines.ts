import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printableLines } from '../../../shared/printable.ts';
import * as bench from '../../bench/options.ts';
import { commands, runCommand } from '../../connector/component.ts';
import * as demo from '../../demo/options.ts';
import * as faults from '../../faults/options.ts';
import * as localInvoke from '../../local-cli/invoke-options.ts';
import * as localStart from '../../local-cli/start-options.ts';
import * as soak from '../../soak/options.ts';
import { canary } from '../hostile-text.ts';
import * as fuzz from '../options.ts';
import { fuzzTarget } from '../target.ts';
import { crookedName, hostileNames } from './hostile-values.ts';

/** The programs of package.json that take options, by their names there. */
const programs: { readonly [name: string]: (args: readonly string[]) => unknown } = {
  bench: bench.parseOptions,
  demo: (args) => demo.parseOptions(args, {}),
  faults: faults.parseOptions,
  fuzz: fuzz.parseOptions,
  'local:cloud': localStart.parseOptions,
  'local:invoke': (args) => localInvoke.parseOptions(args, {}),
  soak: soak.parseOptions,
};

/** Every option that any command or program has. */
const options = [
  ...Object.values(commands).flatMap((command) =>
    Object.entries(command.options).flatMap(([name, { short }]) => [`--${name}`, ...(short ? [`-${short}`] : [])]),
  ),
  ...[
    '-o',
    '-y',
    '-t',
    '-a',
    '--debug',
    '--env',
    '--help',
    '--',
    '-',
    '--api',
    '--seed',
    '--records',
    '--cases',
    '--only',
    '--case',
    '--kafka',
    '--elasticsearch',
    '--folder',
    '--topic',
  ],
];
const values = fc.oneof(
  crookedName,
  fc.constantFrom('json', '1', '0', '20m', '2.0', 'docker', 'error-data', 'orders+0+1', '{}', '999999999999d', canary),
);
const arg = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...options) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...options), values).map(([option, value]) => `${option}=${value}`) },
  { weight: 1, arbitrary: crookedName.map((name) => `--${name}`) },
  { weight: 3, arbitrary: values },
);
/** `local` starts processes for names that it knows, which none of the texts is. */
const names = [...Object.keys(commands), 'local', ...hostileNames, ...Object.keys(programs).map((name) => `npm run ${name}`)];
const inputs = fc.record({ name: fc.constantFrom(...names), args: fc.array(arg, { maxLength: 6 }) });

/** Any command line is taken, or refused with what is wrong with it; no command gets to the cloud: it lacks the properties. */
export default fuzzTarget({
  name: 'command-lines',
  module: import.meta.url,
  weight: 6,
  inputs,
  open: async () => ({ check, [Symbol.asyncDispose]: async () => undefined }),
});

interface Input {
  readonly name: string;
  readonly args: readonly string[];
}

async function check({ args, name }: Input): Promise<void> {
  const [, , program] = name.startsWith('npm run ') ? name.split(' ') : [];
  if (program === undefined) await checkCommand(name, args);
  else checkProgram(programs[program] ?? assert.fail(program), args);
}

async function checkCommand(name: string, args: readonly string[]): Promise<void> {
  const refused = await runCommand(name, { props: {}, args, getCredential: async () => ({}) }).then(
    () => assert.fail('it runs without properties'),
    (error: unknown) => error,
  );
  checkError(refused);
  assert.equal(printableLines(String(refused)), String(refused), 'the message drives terminals');
}

function checkProgram(parse: (args: readonly string[]) => unknown, args: readonly string[]): void {
  try {
    parse(args);
  } catch (error) {
    checkError(error);
  }
}

/** Whether it is one for who has typed it. */
function checkError(error: unknown): void {
  assert.ok(error instanceof Error && error.message !== '', `no error: ${error}`);
  const isParsing = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  assert.ok(isParsing || error.name === 'Error', error.stack);
  assert.doesNotMatch(
    error.message,
    /Cannot (read|convert|find)|is not a (function|constructor|iterable)|is not iterable|Maximum call stack|Invalid (array|string) length|is not defined/,
  );
}
