import type { Environment } from '../../config/environment.ts';
import type { Names } from '../../config/names.ts';
import type { Props } from '../../config/schema.ts';
import type { Intent } from '../intent.ts';
import type { Survey } from '../survey.ts';

/** One thing that must hold before anything is created. */
export interface Check {
  readonly title: string;
  /** null: it may be right; the detail says what is different then. */
  readonly ok: boolean | null;
  readonly detail: string;
  readonly fix?: string;
}

/** What the checks look at; nothing of it is changed. */
export interface CheckContext {
  readonly intent: Intent;
  readonly props: Props;
  readonly names: Names;
  readonly survey: Survey;
  /** The function's settings, undefined when they are wrong: `settingsFault` says why. */
  readonly environment: Environment | undefined;
  readonly settingsFault: string | undefined;
}

/** What was found is right. */
export function passed(title: string, detail: string): Check {
  return { title, ok: true, detail };
}

/** A check that has failed: what was found must be corrected first, and `fix` says how. */
export function failed(title: string, detail: string, fix: string): Check {
  return { title, ok: false, detail, fix };
}

/** What was found may be right. */
export function noticed(title: string, detail: string): Check {
  return { title, ok: null, detail };
}
