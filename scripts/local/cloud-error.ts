/** What a cloud API answers instead of a result; each protocol gives it the shape of its own. A function that fails is a result. */
export class CloudError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = code;
    this.status = status;
    this.code = code;
  }
}
