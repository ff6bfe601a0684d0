import { randomUUID } from 'node:crypto';
import { CloudError } from '../../../cloud-error.ts';
import type { Account } from '../../account.ts';
import type { Later } from '../../delays.ts';
import { type ApiRequest, type ApiResponse, type JsonObject, parseJson } from '../../http.ts';
import { type Attachments, noAttachment } from '../attachments.ts';
import type { FunctionRow, Functions, StandaloneFunction, Tag } from '../functions.ts';
import { bodyOf, checkedName, integerAt, invalid, listed } from '../resource.ts';
import { checkCodeSize, checkedLifecycle, noSettings, settingsOf } from '../settings.ts';
import { checkedTags } from './checked-tags.ts';

interface Dependencies {
  readonly account: Account;
  readonly attachments: Attachments;
  readonly functions: Functions;
  readonly later: Later;
  readonly now: () => number;
}

const longestHooks = { initializer: 300, preStop: 90 };
const cpuStep = 0.05;
const mostCpu = 16;

/** Functions of Function Compute 3.0: https://github.com/alibabacloud-go/fc-20230330/blob/master/client/create_function_input_model.go */
export class StandaloneFunctions {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether a function puts network interfaces into the security group. */
  uses(securityGroupId: string): boolean {
    const isIn = (row: FunctionRow) => row.generation === '3.0' && row.vpcConfig.securityGroupId === securityGroupId;
    return this.#dependencies.functions.values().some(isIn);
  }

  /** Throws `CloudError` `FunctionNotFound`, too for one of 2.0: it is listed, and no more. */
  find(functionName: string): StandaloneFunction {
    const row = this.#dependencies.functions.get(functionName);
    if (row?.generation === '3.0') return row;
    throw new CloudError(404, 'FunctionNotFound', `function '${functionName}' does not exist`);
  }

  create(request: ApiRequest): ApiResponse {
    checkCodeSize(request);
    const body = bodyOf(request);
    const functionName = checkedName(body.functionName, 'functionName', 64);
    if (this.#dependencies.functions.get(functionName)) {
      throw new CloudError(409, 'FunctionAlreadyExists', `function '${functionName}' already exists`);
    }
    if (body.code === undefined) throw invalid('code is required');
    const createdTime = this.#time();
    const named = { id: functionName, functionName, functionId: randomUUID(), createdTime, lastModifiedTime: createdTime };
    return this.#put({ ...noFunction, ...named, tags: checkedTags(body.tags ?? []) }, body);
  }

  update(row: StandaloneFunction, request: ApiRequest): ApiResponse {
    checkCodeSize(request);
    return this.#put({ ...row, lastModifiedTime: this.#time() }, bodyOf(request));
  }

  get(row: StandaloneFunction): ApiResponse {
    return { status: 200, body: { ...this.#view(row), state: 'Active', lastUpdateStatus: 'Successful' } };
  }

  /** Both generations unless `fcVersion` says which; a function's state is not in a list. */
  list(query: URLSearchParams): ApiResponse {
    const { rows, ...next } = listed(this.#dependencies.functions.values().filter(filterOf(query)), ({ id }) => id, query);
    return { status: 200, body: { functions: rows.map((row) => this.#view(row)), ...next } };
  }

  /** `triggers`: how many it has; a function with triggers stays. */
  delete({ functionName, id, vpcConfig }: StandaloneFunction, triggers: number): ApiResponse {
    if (triggers > 0) throw new CloudError(409, 'FunctionNotEmpty', `function '${functionName}' has active triggers`);
    this.#dependencies.functions.remove(id);
    this.#dependencies.later.begin('networkInterfaces', vpcConfig.securityGroupId);
    return { status: 204 };
  }

  #put(base: StandaloneFunction, body: JsonObject): ApiResponse {
    const { attachments, functions } = this.#dependencies;
    const requested: StandaloneFunction = {
      ...base,
      ...settingsOf(body, base),
      ...attachments.of(body, base),
      ...resourcesOf(body, base),
      instanceLifecycleConfig: checkedLifecycle(body, base.instanceLifecycleConfig, longestHooks),
      // Only custom runtimes and containers take more: https://help.aliyun.com/document_detail/2539903.html
      instanceConcurrency: integerAt(body, 'instanceConcurrency', base.instanceConcurrency, 1, 1),
    };
    checkCpu(requested);
    attachments.checkServiceLinkedRole(requested);
    return this.get(functions.put(requested, body));
  }

  #view(row: FunctionRow): object {
    const { accountId, region } = this.#dependencies.account;
    const functionArn = `acs:fc:${region}:${accountId}:functions/${row.id}`;
    const { generation, id, ...fields } = row;
    if (generation === '2.0') return { ...fields, functionName: id, functionArn };
    return { cpu: usualCpu(row), ...fields, functionArn };
  }

  #time(): string {
    return new Date(this.#dependencies.now()).toISOString();
  }
}

function filterOf(query: URLSearchParams): (row: FunctionRow) => boolean {
  const version = query.get('fcVersion');
  if (version && !/^v[23]$/.test(version)) throw invalid(`fcVersion '${version}' must be v2 or v3`);
  const generation = { v2: '2.0', v3: '3.0' }[version ?? ''];
  const [name, description] = [query.get('functionName') ?? '', query.get('description') ?? ''];
  const tags = tagsIn(query);
  return (row) =>
    (generation === undefined || row.generation === generation) &&
    row.id.includes(name) &&
    row.description.includes(description) &&
    tags.every(({ Key, Value }) => row.generation === '3.0' && row.tags.some((tag) => tag.Key === Key && tag.Value === Value));
}

function tagsIn(query: URLSearchParams): Tag[] {
  const text = query.get('tags');
  return text ? checkedTags(parsed(text)) : [];
}

function parsed(text: string): unknown {
  const value = parseJson(text);
  if (value === undefined) throw invalid('tags is not JSON');
  return value;
}

function resourcesOf(body: JsonObject, base: StandaloneFunction): Partial<StandaloneFunction> {
  const { cpu, diskSize = base.diskSize } = body;
  if (diskSize !== 512 && diskSize !== 10_240) throw invalid(`diskSize ${JSON.stringify(diskSize)} must be 512 or 10240`);
  if (cpu === undefined) return { diskSize };
  const steps = Number(cpu) / cpuStep;
  if (typeof cpu !== 'number' || steps < 1 || cpu > mostCpu || Math.abs(steps - Math.round(steps)) > 1e-9) {
    throw invalid(`cpu ${JSON.stringify(cpu)} must be a multiple of ${cpuStep} up to ${mostCpu}`);
  }
  return { cpu, diskSize };
}

/** From 1:1 to 1:4 vCPUs to GB: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
function checkCpu({ cpu, memorySize }: StandaloneFunction): void {
  if (cpu === undefined) return;
  const ratio = memorySize / 1024 / cpu;
  if (ratio < 1 || ratio > 4) throw invalid(`cpu ${cpu} to memorySize ${memorySize} MB must be from 1:1 to 1:4`);
}

/** What is given where nothing is asked for, within the ratios; what the cloud gives is not documented. */
function usualCpu({ memorySize }: StandaloneFunction): number {
  const steps = Math.round(memorySize / 1024 / 1.5 / cpuStep);
  return Math.min(mostCpu, Math.max(1, steps) / Math.round(1 / cpuStep));
}

const noFunction: StandaloneFunction = {
  ...noSettings,
  ...noAttachment,
  generation: '3.0',
  id: '',
  functionName: '',
  functionId: '',
  instanceLifecycleConfig: {},
  instanceConcurrency: 1,
  tags: [],
  diskSize: 512,
  codeSize: 0,
  codeChecksum: '',
  createdTime: '',
  lastModifiedTime: '',
};
