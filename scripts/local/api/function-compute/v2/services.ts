import { randomUUID } from 'node:crypto';
import { CloudError } from '../../../cloud-error.ts';
import type { Later } from '../../delays.ts';
import { type ApiRequest, type ApiResponse, type JsonObject, textAt } from '../../http.ts';
import type { State } from '../../state.ts';
import { type Attachment, type Attachments, noAttachment } from '../attachments.ts';
import { bodyOf, checkedName, checkMatch, listed, tagged } from '../resource.ts';

/** A service: what its functions share. */
export interface ServiceRow extends Attachment {
  readonly serviceName: string;
  readonly serviceId: string;
  readonly description: string;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

interface Dependencies {
  readonly attachments: Attachments;
  readonly later: Later;
  readonly now: () => number;
}

/** Services of Function Compute 2.0: https://alibabacloud.com/help/en/fc/developer-reference/api-fc-open-2021-04-06-createservice */
export class Services {
  readonly #dependencies: Dependencies;
  readonly #rows;

  constructor(dependencies: Dependencies, state: State) {
    this.#dependencies = dependencies;
    this.#rows = state.table<ServiceRow>('fc-services');
  }

  /** Whether a service puts network interfaces into the security group. */
  uses(securityGroupId: string): boolean {
    return this.#rows.values().some(({ vpcConfig }) => vpcConfig.securityGroupId === securityGroupId);
  }

  /** Throws `CloudError` `ServiceNotFound`. */
  find(serviceName: string): ServiceRow {
    const row = this.#rows.get(serviceName);
    if (row) return row;
    throw new CloudError(404, 'ServiceNotFound', `service '${serviceName}' does not exist`);
  }

  create(request: ApiRequest): ApiResponse {
    const body = bodyOf(request);
    const serviceName = checkedName(body.serviceName, 'serviceName', 128);
    if (this.#rows.get(serviceName)) throw new CloudError(409, 'ServiceAlreadyExists', `service '${serviceName}' already exists`);
    const createdTime = this.#time();
    const base = { ...noAttachment, serviceName, serviceId: randomUUID(), description: '', createdTime, lastModifiedTime: createdTime };
    return this.#put(base, body);
  }

  update(serviceName: string, request: ApiRequest): ApiResponse {
    const row = this.find(serviceName);
    checkMatch(request, row);
    return this.#put({ ...row, lastModifiedTime: this.#time() }, bodyOf(request));
  }

  get(serviceName: string): ApiResponse {
    return tagged(this.find(serviceName));
  }

  list(query: URLSearchParams): ApiResponse {
    const { rows, ...next } = listed(this.#rows.values(), (row) => row.serviceName, query);
    return { status: 200, body: { services: rows, ...next } };
  }

  /** `functions`: how many it has; a service that is not empty stays. */
  delete(serviceName: string, request: ApiRequest, functions: number): ApiResponse {
    const row = this.find(serviceName);
    checkMatch(request, row);
    if (functions > 0) throw new CloudError(409, 'ServiceNotEmpty', `service '${serviceName}' has functions`);
    this.#rows.delete(serviceName);
    this.#dependencies.later.begin('networkInterfaces', row.vpcConfig.securityGroupId);
    return { status: 204 };
  }

  #put(base: ServiceRow, body: JsonObject): ApiResponse {
    const { attachments } = this.#dependencies;
    const row: ServiceRow = { ...base, description: textAt(body, 'description') ?? base.description, ...attachments.of(body, base) };
    attachments.checkRole(row);
    this.#rows.set(row.serviceName, row);
    return tagged(row);
  }

  #time(): string {
    return new Date(this.#dependencies.now()).toISOString();
  }
}
