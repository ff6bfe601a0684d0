import type { FuzzTarget } from '../target.ts';
import settings from './settings.ts';

/** Everything that is fuzzed, one file each. */
export const targets: readonly FuzzTarget[] = [settings];
