import type { FuzzTarget } from '../target.ts';
import commandLines from './command-lines.ts';
import commands from './commands.ts';
import events from './events.ts';
import localCloud from './local-cloud.ts';
import responses from './responses.ts';
import sYaml from './s-yaml.ts';
import settings from './settings.ts';

/** Everything that is fuzzed, one file each. */
export const targets: readonly FuzzTarget[] = [commands, events, responses, settings, localCloud, sYaml, commandLines];
