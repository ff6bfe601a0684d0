import type { FuzzTarget } from '../target.ts';
import localCloud from './local-cloud.ts';
import settings from './settings.ts';

/** Everything that is fuzzed, one file each. */
export const targets: readonly FuzzTarget[] = [settings, localCloud];
