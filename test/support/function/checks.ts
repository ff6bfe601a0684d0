/** What the command check responds. */
export interface Checks {
  readonly checks: readonly { readonly name: string; readonly ok: boolean | null; readonly detail: string; readonly fix?: string }[];
}
