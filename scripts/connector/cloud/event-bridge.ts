import type { Access } from './access.ts';
import { call } from './call.ts';
import { loadSdk, openClient, runtimeOptions } from './sdk.ts';

const product = 'EventBridge';

/**
 * Reads, starts and pauses the event streams of EventBridge, which triggers are made of. It makes these three calls, which differ in their action
 * alone, with the base class of the SDKs: https://github.com/aliyun/alibabacloud-typescript-sdk, eventbridge-20200401
 */
export class EventBridgeApi {
  readonly #core = loadSdk('@alicloud/openapi-core');
  readonly #client;

  constructor(access: Access) {
    this.#client = openClient(this.#core, access, { endpoint: `eventbridge-console.${access.region}.aliyuncs.com` });
  }

  /** The status, such as `RUNNING`, `STARTING`, `PAUSING`, `START_FAILED`, where `READY` is paused or stopped, and the words of its details: https://www.alibabacloud.com/help/doc-detail/343388.htm */
  async state(name: string): Promise<{ readonly status: string; readonly reason: string | undefined }> {
    const { Data } = await call(product, 'GetEventStreaming', () => this.#call('GetEventStreaming', name));
    return { status: String(Data?.Status ?? 'UNKNOWN').toUpperCase(), reason: textsIn(Data?.DetailedStatus).join('; ') || undefined };
  }

  async start(name: string): Promise<void> {
    await call(product, 'StartEventStreaming', () => this.#call('StartEventStreaming', name));
  }

  async pause(name: string): Promise<void> {
    await call(product, 'PauseEventStreaming', () => this.#call('PauseEventStreaming', name));
  }

  async #call(
    action: string,
    EventStreamingName: string,
  ): Promise<{ readonly Data?: { readonly Status?: unknown; readonly DetailedStatus?: unknown } }> {
    const { OpenApiRequest, Params } = this.#core.$OpenApiUtil;
    const params = new Params({
      action,
      version: '2020-04-01',
      protocol: 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const response = await this.#client.callApi(params, new OpenApiRequest({ body: { EventStreamingName } }), runtimeOptions());
    return response.body;
  }
}

/** `DetailedStatus` holds numbers, and under `Extensions` whatever there is to say: https://github.com/aliyun/alibabacloud-csharp-sdk, eventbridge-20200401, GetEventStreamingResponseBody */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
