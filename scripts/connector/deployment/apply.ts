import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FunctionAddress, Generation } from '../cloud/function-compute/function-compute.ts';
import type { Names } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { stopIfAnotherDeploys } from './concurrent-deployments.ts';
import type { Step } from './plan.ts';
import { providerOf, type ResourceKind } from './resources/all-resources.ts';
import { madeByPlan, type StepContext } from './resources/provider.ts';

/** What the steps of a plan are carried out with. */
interface ApplyOptions {
  readonly cloud: AlibabaCloud;
  readonly names: Names;
  readonly props: Props;
  readonly generation: Generation;
  /** The package; a removal has none. */
  readonly zip?: Buffer;
  /** The connector's functions that are there. */
  readonly known: readonly FunctionAddress[];
  /** That of them which the steps are about. */
  readonly address: FunctionAddress | undefined;
  readonly securityGroupId: string | undefined;
}

/** Carries out the steps of one plan, in order, and holds what they share. */
export class ApplyContext implements StepContext {
  readonly cloud: AlibabaCloud;
  readonly names: Names;
  readonly props: Props;
  readonly generation: Generation;
  readonly #zip: Buffer | undefined;
  readonly #known: readonly FunctionAddress[];
  #address: FunctionAddress | undefined;
  #securityGroupId: string | undefined;

  constructor({ cloud, names, props, generation, zip, known, address, securityGroupId }: ApplyOptions) {
    this.cloud = cloud;
    this.names = names;
    this.props = props;
    this.generation = generation;
    this.#zip = zip;
    this.#known = known;
    this.#address = address;
    this.#securityGroupId = securityGroupId;
  }

  /** Carries out one step; throws `CloudFailure`. */
  async apply<Kind extends ResourceKind>({ action, changes, resource }: Step<Kind>): Promise<void> {
    const provider = providerOf(resource.kind);
    if (action === 'delete' || action === 'replace') await provider.delete?.(resource, this);
    if (action === 'create' || action === 'replace') await provider.create?.(resource, this);
    if (action === 'change') await provider.change?.(resource, this, changes);
  }

  get address(): FunctionAddress {
    if (this.#address === undefined) throw new Error('the function has not been made yet');
    return this.#address;
  }

  async madeFunction(name: string): Promise<void> {
    this.#address = { generation: this.generation, name };
    await this.stopIfAnotherDeploys();
  }

  stopIfAnotherDeploys(): Promise<void> {
    const { address } = this;
    const isNew = !this.#known.some(({ name }) => name === address.name);
    return stopIfAnotherDeploys({ cloud: this.cloud, props: this.props, address, isNew, known: this.#known });
  }

  madeSecurityGroup(id: string): void {
    this.#securityGroupId = id;
  }

  securityGroup(planned: string): string {
    return planned === madeByPlan ? (this.#securityGroupId ?? '') : planned;
  }

  get zipFile(): string {
    return this.#zip?.toString('base64') ?? '';
  }
}
