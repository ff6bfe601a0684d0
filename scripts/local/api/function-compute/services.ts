import { randomUUID } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import type { Account } from '../account.ts';
import type { Later } from '../delays.ts';
import type { EcsProduct } from '../ecs.ts';
import { type ApiRequest, type ApiResponse, type JsonObject, objectAt, textAt } from '../http.ts';
import type { LogService } from '../log-service/log-service.ts';
import type { State } from '../state.ts';
import { bodyOf, checkedName, checkMatch, invalid, listed, tagged } from './resource.ts';

/** A service: what its functions share. */
export interface ServiceRow {
  readonly serviceName: string;
  readonly serviceId: string;
  readonly description: string;
  readonly role: string;
  readonly internetAccess: boolean;
  readonly logConfig: { readonly project: string; readonly logstore: string } & JsonObject;
  readonly vpcConfig: { readonly vpcId: string; readonly vSwitchIds: readonly string[]; readonly securityGroupId: string };
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** What a service refers to. */
export interface ServiceDependencies {
  readonly account: Account;
  readonly ecs: EcsProduct;
  readonly later: Later;
  readonly logs: LogService;
  readonly now: () => number;
}

/** Services of Function Compute 2.0: https://alibabacloud.com/help/en/fc/developer-reference/api-fc-open-2021-04-06-createservice */
export class Services {
  readonly #dependencies: ServiceDependencies;
  readonly #rows;

  constructor(dependencies: ServiceDependencies, state: State) {
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
    return this.#put({ ...noService, serviceName, serviceId: randomUUID(), createdTime, lastModifiedTime: createdTime }, body);
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
    const row: ServiceRow = {
      ...base,
      description: textAt(body, 'description') ?? base.description,
      role: textAt(body, 'role') ?? base.role,
      internetAccess: typeof body.internetAccess === 'boolean' ? body.internetAccess : base.internetAccess,
      logConfig: body.logConfig === undefined ? base.logConfig : this.#logConfig(objectAt(body, 'logConfig')),
      vpcConfig: body.vpcConfig === undefined ? base.vpcConfig : this.#vpcConfig(objectAt(body, 'vpcConfig')),
    };
    this.#checkRole(row);
    this.#rows.set(row.serviceName, row);
    return tagged(row);
  }

  /** The function writes logs and takes network interfaces in the name of the role. */
  #checkRole({ role, vpcConfig, logConfig }: ServiceRow): void {
    const { accountId } = this.#dependencies.account;
    if (role === '' && (vpcConfig.vpcId !== '' || logConfig.project !== '')) throw invalid('role is required with vpcConfig or logConfig');
    if (role !== '' && !role.startsWith(`acs:ram::${accountId}:role/`)) throw invalid(`role '${role}' is not a role of the account`);
  }

  #logConfig(config: JsonObject): ServiceRow['logConfig'] {
    const project = textAt(config, 'project') ?? '';
    const logstore = textAt(config, 'logstore') ?? '';
    if ((project === '') !== (logstore === '')) throw invalid('logConfig needs project and logstore');
    if (project !== '' && !this.#dependencies.logs.hasLogstore(project, logstore)) {
      throw invalid(`logConfig: logstore '${logstore}' of project '${project}' does not exist`);
    }
    return { enableRequestMetrics: true, enableInstanceMetrics: false, logBeginRule: 'None', ...config, project, logstore };
  }

  /** All three or none; the vSwitch in a zone that Function Compute reaches: https://www.alibabacloud.com/help/en/fc/user-guide/configure-network-settings */
  #vpcConfig(config: JsonObject): ServiceRow['vpcConfig'] {
    const vpcId = textAt(config, 'vpcId') ?? '';
    const securityGroupId = textAt(config, 'securityGroupId') ?? '';
    const vSwitchIds = Array.isArray(config.vSwitchIds) ? config.vSwitchIds.map(String) : [];
    if (vpcId === '' && securityGroupId === '' && vSwitchIds.length === 0) return noService.vpcConfig;
    if (vpcId === '' || securityGroupId === '' || vSwitchIds.length === 0)
      throw invalid('vpcConfig needs vpcId, vSwitchIds and securityGroupId');
    if (this.#dependencies.ecs.vpcOf(securityGroupId) !== vpcId)
      throw invalid(`security group '${securityGroupId}' is not in VPC '${vpcId}'`);
    for (const vSwitchId of vSwitchIds) this.#checkVSwitch(vSwitchId, vpcId);
    return { vpcId, vSwitchIds, securityGroupId };
  }

  #checkVSwitch(vSwitchId: string, vpcId: string): void {
    const { vSwitches, functionComputeZones } = this.#dependencies.account;
    const vSwitch = vSwitches.find((candidate) => candidate.vSwitchId === vSwitchId);
    if (vSwitch?.vpcId !== vpcId) throw invalid(`vswitch '${vSwitchId}' is not in VPC '${vpcId}'`);
    if (!functionComputeZones.includes(vSwitch.zoneId)) {
      throw invalid(`vswitch '${vSwitchId}' is in unsupported zone, only ${functionComputeZones.join(', ')} are supported`);
    }
  }

  #time(): string {
    return new Date(this.#dependencies.now()).toISOString();
  }
}

const noService: ServiceRow = {
  serviceName: '',
  serviceId: '',
  description: '',
  role: '',
  internetAccess: true,
  logConfig: { project: '', logstore: '' },
  vpcConfig: { vpcId: '', vSwitchIds: [], securityGroupId: '' },
  createdTime: '',
  lastModifiedTime: '',
};
