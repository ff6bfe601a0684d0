/** A call that Function Compute refuses; a function that fails is an answer instead. https://www.alibabacloud.com/help/en/functioncompute/error-codes */
export class ApiError extends Error {
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string, message: string) {
    super(message);
    this.name = code;
    this.statusCode = statusCode;
    this.code = code;
  }
}
