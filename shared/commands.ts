/** One thing that the function needs to do its work, as it found it from where it runs. */
export interface FunctionCheck {
  readonly name: string;
  /** Whether it is as it must be; null where that cannot be told. */
  readonly ok: boolean | null;
  readonly detail: string;
  /** What to do where it is not. */
  readonly fix?: string;
}
