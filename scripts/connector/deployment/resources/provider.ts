import type { AlibabaCloud } from '../../cloud/alibaba-cloud.ts';
import type { FunctionAddress, Generation } from '../../cloud/function-compute/function-compute.ts';
import type { Environment } from '../../config/environment.ts';
import type { Names } from '../../config/names.ts';
import type { Props } from '../../config/schema.ts';
import type { CheckContext } from '../checks/check-result.ts';
import type { Survey, SurveyedFunction } from '../survey.ts';

/** A thing in the cloud, without its kind, which its provider stands for. */
export type Named<Fields extends object> = { readonly name: string } & Fields;

/** What a plan starts from: everything has been checked. */
export interface PlanContext extends CheckContext {
  readonly accountId: string;
  readonly environment: Environment;
  /** CRC-64 of the built package. */
  readonly codeChecksum: string;
}

/** What the cloud has of a connector. */
export interface FoundContext {
  readonly names: Names;
  readonly props: Props;
  readonly survey: Survey;
  /** The one of its functions that is meant. */
  readonly own: SurveyedFunction | undefined;
}

/** What the steps of a plan share: what was there before, and what they have made. */
export interface StepContext {
  readonly cloud: AlibabaCloud;
  readonly names: Names;
  readonly props: Props;
  readonly generation: Generation;
  /** The package in base64; a removal has none. */
  readonly zipFile: string;
  /** The function, or the service that it is in; throws while it has not been made. */
  readonly address: FunctionAddress;
  /** Tells of a function, or the service that it will be in, that was made in this run. */
  madeFunction(name: string): Promise<void>;
  /** Throws when another deployment of the connector is under way that goes on. */
  stopIfAnotherDeploys(): Promise<void>;
  madeSecurityGroup(id: string): void;
  /** The security group's id, which a plan may not have known yet. */
  securityGroup(planned: string): string;
}

/** One field that differs, where undefined stands for a field that is not there; secrets print as `***`. */
export interface Change {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * One kind of resource, in both generations of Function Compute: what of it is desired and what is there, and how one is created, changed and
 * deleted. Each call is safe to repeat, so that an interrupted run is taken up by the next.
 */
export interface Provider<Fields extends object> {
  desired(context: PlanContext): readonly Named<Fields>[];
  found(context: FoundContext): readonly Named<Fields>[];
  create?(resource: Named<Fields>, context: StepContext): Promise<void>;
  change?(resource: Named<Fields>, context: StepContext, changes: readonly Change[]): Promise<void>;
  delete?(resource: Named<Fields>, context: StepContext): Promise<void>;
  /** The fields that cannot be changed, only the whole resource replaced. */
  readonly fixedFields?: RegExp;
  /** Whether one that is there is kept as it is: its rules have been checked, and changing it would lose data or serve nothing. */
  readonly isKeptAsFound?: boolean;
}

/** Stands for the id of what the plan makes before it is needed. */
export const madeByPlan = '(made by this plan)';
