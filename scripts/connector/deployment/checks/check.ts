import type { Environment } from '../../config/environment.ts';
import type { Names } from '../../config/names.ts';
import type { Props } from '../../config/schema.ts';
import type { Survey } from '../survey.ts';

/** One thing that must hold before anything is created. */
export interface Check {
  readonly title: string;
  /** null: it may be right; the detail says what is different then. */
  readonly ok: boolean | null;
  readonly detail: string;
  readonly fix?: string;
}

/** What was asked for beyond the properties. */
export interface Intent {
  /** The group of a console connector is taken over. */
  readonly adopts: boolean;
  /** A connector that does not run is started. */
  readonly resumes: boolean;
}

/** What the checks look at; nothing of it is changed. */
export interface Case {
  readonly intent: Intent;
  readonly props: Props;
  readonly names: Names;
  readonly survey: Survey;
  /** undefined when the settings are wrong; `settingsFault` says why. */
  readonly environment: Environment | undefined;
  readonly settingsFault: string | undefined;
}

/** Thrown when a check has failed; `value` is for programs, which read of all of them. */
export class ChecksFailed extends Error {
  readonly value: object;

  constructor(message: string, value: object) {
    super(message);
    this.value = value;
  }
}

/** What was found is right. */
export function passed(title: string, detail: string): Check {
  return { title, ok: true, detail };
}

/** What was found must be mended first, and how. */
export function failed(title: string, detail: string, fix: string): Check {
  return { title, ok: false, detail, fix };
}

/** What was found may be right. */
export function noticed(title: string, detail: string): Check {
  return { title, ok: null, detail };
}
