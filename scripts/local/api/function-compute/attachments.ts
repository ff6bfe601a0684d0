import { CloudError } from '../../cloud-error.ts';
import type { Account } from '../account.ts';
import type { EcsProduct } from '../ecs.ts';
import { type JsonObject, objectAt, textAt } from '../http.ts';
import type { LogService } from '../log-service/log-service.ts';
import type { Roles } from '../roles.ts';
import { invalid } from './resource.ts';

/** Where a function writes its log: both empty, or both given. */
export type LogConfig = { readonly project: string; readonly logstore: string } & JsonObject;

/** Where its network interfaces are: all three empty, or all three given. */
export interface VpcConfig {
  readonly vpcId: string;
  readonly vSwitchIds: readonly string[];
  readonly securityGroupId: string;
}

/** What code is attached to: by its service in 2.0, each function for itself in 3.0. */
export interface Attachment {
  readonly role: string;
  readonly internetAccess: boolean;
  readonly logConfig: LogConfig;
  readonly vpcConfig: VpcConfig;
}

/** Attached to the internet alone. */
export const noAttachment: Attachment = {
  role: '',
  internetAccess: true,
  logConfig: { project: '', logstore: '' },
  vpcConfig: { vpcId: '', vSwitchIds: [], securityGroupId: '' },
};

/** In whose name 3.0 acts where no role is given: https://www.alibabacloud.com/help/en/functioncompute/security-and-compliance/service-linked-role-of-function-compute */
const serviceLinked = 'fc.aliyuncs.com';

interface Dependencies {
  readonly account: Account;
  readonly ecs: EcsProduct;
  readonly logs: LogService;
  readonly roles: Roles;
}

/** Looks whether what a request attaches is there. */
export class Attachments {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** The attachment that the request gives, the rest as it was; throws `CloudError`. */
  of(body: JsonObject, base: Attachment): Attachment {
    return {
      role: this.#role(textAt(body, 'role') ?? base.role),
      internetAccess: typeof body.internetAccess === 'boolean' ? body.internetAccess : base.internetAccess,
      logConfig: body.logConfig === undefined ? base.logConfig : this.#logConfig(objectAt(body, 'logConfig')),
      vpcConfig: body.vpcConfig === undefined ? base.vpcConfig : this.#vpcConfig(objectAt(body, 'vpcConfig')),
    };
  }

  /** In 2.0 logs are written and network interfaces taken in the name of a role that the user gives; throws `CloudError`. */
  checkRole(attachment: Attachment): void {
    if (needsRole(attachment)) throw invalid('role is required with vpcConfig or logConfig');
  }

  /** In 3.0 the service-linked role does it where none is given; throws `CloudError`. */
  checkServiceLinkedRole(attachment: Attachment): void {
    if (!needsRole(attachment) || this.#dependencies.roles.hasServiceLinked(serviceLinked)) return;
    throw new CloudError(403, 'AccessDenied', 'the service-linked role AliyunServiceRoleForFC does not exist');
  }

  #role(role: string): string {
    if (role !== '' && !this.#dependencies.roles.hasArn(role)) throw invalid(`role '${role}' is not a role of the account`);
    return role;
  }

  #logConfig(config: JsonObject): LogConfig {
    const project = textAt(config, 'project') ?? '';
    const logstore = textAt(config, 'logstore') ?? '';
    if ((project === '') !== (logstore === '')) throw invalid('logConfig needs project and logstore');
    if (project !== '' && !this.#dependencies.logs.hasLogstore(project, logstore)) {
      throw invalid(`logConfig: logstore '${logstore}' of project '${project}' does not exist`);
    }
    return { enableRequestMetrics: true, enableInstanceMetrics: false, logBeginRule: 'None', ...config, project, logstore };
  }

  /** All three or none; the vSwitch in a zone that Function Compute reaches: https://www.alibabacloud.com/help/en/fc/user-guide/configure-network-settings */
  #vpcConfig(config: JsonObject): VpcConfig {
    const vpcId = textAt(config, 'vpcId') ?? '';
    const securityGroupId = textAt(config, 'securityGroupId') ?? '';
    const vSwitchIds = Array.isArray(config.vSwitchIds)
      ? config.vSwitchIds.map((id) => (typeof id === 'string' ? id : JSON.stringify(id)))
      : [];
    if (vpcId === '' && securityGroupId === '' && vSwitchIds.length === 0) return noAttachment.vpcConfig;
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
}

function needsRole({ role, vpcConfig, logConfig }: Attachment): boolean {
  return role === '' && (vpcConfig.vpcId !== '' || logConfig.project !== '');
}
