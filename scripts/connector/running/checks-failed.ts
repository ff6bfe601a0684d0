/** Thrown when a check has failed; `value` is for programs, which read of all of them. */
export class ChecksFailed extends Error {
  readonly value: object;

  constructor(message: string, value: object) {
    super(message);
    this.value = value;
  }
}
