// The SDK has no types of its own: what is called of it here and in tests.
declare module '@alicloud/fc2' {
  interface Response<Data> {
    readonly headers: { readonly [name: string]: string | undefined };
    readonly data: Data;
  }
  // biome-ignore lint/suspicious/noExplicitAny: the SDK passes on whatever JSON the service answers
  type Json = any;
  interface Headers {
    readonly [name: string]: string;
  }
  interface Options {
    readonly [name: string]: unknown;
  }
  class Client {
    constructor(accountId: string, config: Options);
    accessKeyID: string;
    getAccountSettings(options?: Options, headers?: Headers): Promise<Response<Json>>;
    createService(serviceName: string, options?: Options, headers?: Headers): Promise<Response<Json>>;
    getService(serviceName: string, headers?: Headers, qualifier?: string): Promise<Response<Json>>;
    listServices(options?: Options, headers?: Headers): Promise<Response<Json>>;
    updateService(serviceName: string, options?: Options, headers?: Headers): Promise<Response<Json>>;
    deleteService(serviceName: string, headers?: Headers): Promise<Response<Json>>;
    createFunction(serviceName: string, options: Options, headers?: Headers): Promise<Response<Json>>;
    getFunction(serviceName: string, functionName: string, headers?: Headers, qualifier?: string): Promise<Response<Json>>;
    getFunctionCode(serviceName: string, functionName: string): Promise<Response<Json>>;
    listFunctions(serviceName: string, options?: Options): Promise<Response<Json>>;
    updateFunction(serviceName: string, functionName: string, options: Options, headers?: Headers): Promise<Response<Json>>;
    deleteFunction(serviceName: string, functionName: string, options?: Options, headers?: Headers): Promise<Response<Json>>;
    invokeFunction(
      serviceName: string,
      functionName: string,
      event: string | Buffer,
      headers?: Headers,
      qualifier?: string,
    ): Promise<Response<Json>>;
    createTrigger(serviceName: string, functionName: string, options: Options, headers?: Headers): Promise<Response<Json>>;
    getTrigger(serviceName: string, functionName: string, triggerName: string, headers?: Headers): Promise<Response<Json>>;
    listTriggers(serviceName: string, functionName: string, options?: Options, headers?: Headers): Promise<Response<Json>>;
    updateTrigger(
      serviceName: string,
      functionName: string,
      triggerName: string,
      options: Options,
      headers?: Headers,
    ): Promise<Response<Json>>;
    deleteTrigger(
      serviceName: string,
      functionName: string,
      triggerName: string,
      options?: Options,
      headers?: Headers,
    ): Promise<Response<Json>>;
    get(path: string, query?: Options, headers?: Headers): Promise<Response<Json>>;
    post(path: string, body: unknown, headers?: Headers): Promise<Response<Json>>;
  }
  export default Client;
}
