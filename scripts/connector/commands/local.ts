import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nearestName } from '../../../shared/nearest-name.ts';
import { options } from '../../../shared/options.ts';
import { unknownInstances } from '../config/brokers.ts';
import { type Inputs, openContext } from '../config/context.ts';
import { environmentOf, revealSecrets } from '../config/environment.ts';
import { namesOf } from '../config/names.ts';
import { readProps } from '../config/props.ts';
import { withoutGlobalOptions } from './arguments.ts';

const ownEntries = { invoke: 'local-cli/invoke.ts', start: 'local-cli/start.ts' } as const;

/** What can be run on this machine. */
export type LocalName = keyof typeof ownEntries;

const entries: { readonly [name: string]: string } = ownEntries;

export const localSummary =
  'local invoke: run one event through the built package on this machine; local start: Alibaba Cloud on this machine';

/** Runs what is for this machine in a process of its own: it is the cloud's other side, and shares nothing with a deployment. */
export async function local(inputs: Inputs): Promise<void> {
  const [name = '', ...args] = withoutGlobalOptions(inputs.args);
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry === undefined) {
    const nearest = nearestName(name, Object.keys(entries));
    throw new Error(
      `s local ${name}: there are \`s local invoke\` and \`s local start\`${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    );
  }
  const file = fileURLToPath(new URL(`../../${entry}`, import.meta.url));
  const isCall = name === 'invoke' && !args.includes('--help');
  const env = isCall ? await settings(inputs) : {};
  const api = isCall ? ['--api', readProps(inputs.props).function.api] : [];
  const child = spawn(process.execPath, ['--import', typescriptLoader(), file, ...api, ...args], {
    stdio: 'inherit',
    env: isCall ? { ...withoutSettings(process.env), ...env } : process.env,
  });
  const [exitCode] = await once(child, 'exit');
  if (exitCode !== 0) throw new Error(`s local ${name} ended with exit code ${exitCode}.`);
}

/** The function gets the settings of s.yaml, as a deployed one does: what else of that name is in the environment is another's, such as a password of brokers. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !Object.hasOwn(options, name)));
}

/** That of this package: by its name Node would look for it from the folder where the command is typed. */
function typescriptLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

/** The connector's settings; Elasticsearch's address is looked up only where the properties do not hold it. */
async function settings(inputs: Inputs): Promise<{ readonly [name: string]: string }> {
  const props = readProps(inputs.props);
  const { endpoint, instanceId } = props.elasticsearch;
  if (endpoint !== undefined || instanceId === undefined) return revealSecrets(environmentOf(props, namesOf(props, ''), unknownInstances));
  const { cloud } = await openContext(inputs);
  const elasticsearch = await cloud.elasticsearch.instance(instanceId);
  return revealSecrets(environmentOf(props, namesOf(props, cloud.access.accountId), { ...unknownInstances, elasticsearch }));
}
