import { randomInt } from 'node:crypto';
import { functionDescription } from '../../../bundle/version.ts';
import { type JsonObject, notReturned, objectAt, textAt } from '../../cloud/json.ts';
import { markOf, namePrefix, pausedSuffix } from '../../config/names.ts';
import { isToRun } from '../survey.ts';
import { madeByPlan, type Named, type PlanContext, type StepContext } from './provider.ts';

const randomCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const randomLength = 8;
const placeholder = '<random>';

/** What a service of 2.0 and a function of 3.0 have alike: whose it is, by which role, where it logs, and in which network. */
export interface PlacementFields {
  /** The connector's mark. */
  readonly description: string;
  /** undefined: Function Compute's own role. */
  readonly role?: string;
  readonly logConfig: { readonly project: string; readonly logstore: string };
  readonly vpcConfig: {
    readonly vpcId: string;
    readonly vSwitchIds: readonly string[];
    /** `madeByPlan` while the plan has yet to make the group. */
    readonly securityGroupId: string;
  };
}

/** The name and the fields that are desired; the name ends with `<random>` while nothing has it. */
export function desiredPlacement({ intent, names, props, survey }: PlanContext): Named<PlacementFields> {
  const { vpcId = '', vSwitchIds, securityGroup } = survey.network;
  const isPaused = !survey.own?.trigger && !isToRun(survey, props, intent);
  const mark = props.function.api === '3.0' ? `${markOf(props)}, by ${functionDescription}` : markOf(props);
  return {
    name: survey.own?.name ?? `${namePrefix(props.name)}-${placeholder}`,
    description: isPaused ? `${mark}${pausedSuffix}` : mark,
    ...(survey.functionRoleArn !== undefined && { role: survey.functionRoleArn }),
    logConfig: { project: names.logProject, logstore: names.logstore },
    vpcConfig: { vpcId, vSwitchIds, securityGroupId: securityGroup?.securityGroupId ?? madeByPlan },
  };
}

/** The fields that are there, as the API tells of them. */
export function foundPlacement(row: JsonObject): PlacementFields {
  const [logs, vpc] = [objectAt(row, 'logConfig'), objectAt(row, 'vpcConfig')];
  const role = textAt(row, 'role');
  return {
    description: textAt(row, 'description'),
    ...(role !== '' && { role }),
    logConfig: { project: textAt(logs, 'project'), logstore: textAt(logs, 'logstore') },
    vpcConfig: {
      vpcId: textAt(vpc, 'vpcId'),
      vSwitchIds: Array.isArray(vpc.vSwitchIds) ? vpc.vSwitchIds.map(String) : [notReturned],
      securityGroupId: textAt(vpc, 'securityGroupId'),
    },
  };
}

/** The fields as the API takes them. */
export function placementOptions({ description, role = '', logConfig, vpcConfig }: PlacementFields, context: StepContext): JsonObject {
  const securityGroupId = context.securityGroup(vpcConfig.securityGroupId);
  return { description, role, logConfig, vpcConfig: { ...vpcConfig, securityGroupId } };
}

/** A name for what is made now, in the place of one that ends with `<random>`. */
export function newName(planned: string): string {
  const suffix = Array.from({ length: randomLength }, () => randomCharacters[randomInt(randomCharacters.length)]).join('');
  return planned.replace(placeholder, suffix);
}
