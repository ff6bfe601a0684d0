/** Thrown when a check has failed; `value` tells programs of all checks. */
export class ChecksFailed extends Error {
  readonly value: object;

  constructor(message: string, value: object) {
    super(message);
    this.value = value;
  }
}
