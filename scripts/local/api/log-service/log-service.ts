import { CloudError } from '../../cloud-error.ts';
import type { Later } from '../delays.ts';
import { type ApiRequest, type ApiResponse, isObject, type JsonObject, jsonBody, textAt } from '../http.ts';
import type { LogServiceOperations } from '../protocols/log-service.ts';
import type { Operation } from '../protocols/protocol.ts';
import type { Journal, State, Table } from '../state.ts';
import { compileQuery, type Index, type LogRow, QuerySyntaxError } from './query.ts';

interface ProjectRow {
  readonly projectName: string;
  readonly description: string;
  readonly createTime: string;
}

interface LogstoreRow {
  readonly project: string;
  readonly logstoreName: string;
  /** Days that logs are kept. */
  readonly ttl: number;
  readonly shardCount: number;
  /** When it was made, in seconds since 1970. */
  readonly createTime: number;
}

type Handler = (project: string, logstore: string, request: ApiRequest) => ApiResponse;

const done = { status: 200 };
const maxLines = 100;
const projectForm = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const logstoreForm = /^[a-z0-9][a-z0-9_-]{0,61}[a-z0-9]$/;

/** Log Service, API 2020-12-30, errors as listed at https://alibabacloud.com/help/en/sls/developer-reference/error-codes */
export class LogService implements LogServiceOperations {
  readonly #region: string;
  readonly #state: State;
  readonly #now: () => number;
  readonly #later: Later;
  readonly #projects: Table<ProjectRow>;
  readonly #logstores: Table<LogstoreRow>;
  readonly #indexes: Table<Index>;

  constructor(region: string, state: State, now: () => number, later: Later) {
    this.#later = later;
    this.#region = region;
    this.#state = state;
    this.#now = now;
    this.#projects = state.table('log-projects');
    this.#logstores = state.table('log-stores');
    this.#indexes = state.table('log-indexes');
  }

  /** What other services write; a store that is not there loses it, as in the cloud. */
  put(project: string, logstore: string, rows: readonly LogRow[]): void {
    if (this.hasLogstore(project, logstore)) this.#journal(project, logstore).append(rows);
  }

  hasLogstore(project: string, logstore: string): boolean {
    return this.#logstores.get(`${project}/${logstore}`) !== undefined && !this.#later.isPending('logProjects', project);
  }

  /** Throws `CloudError` for a path that is none of the API's. */
  resolve(request: ApiRequest, project: string | undefined): Operation {
    const [, collection, logstore = '', part] = decodeURIComponent(request.path).split('/');
    const resource = [collection ? 'logstores' : '', logstore && '{logstore}', part].filter(Boolean).join('/');
    const kind = request.query.get('type') === 'log' ? '?type=log' : '';
    const action = actions[`${request.method} /${resource}${kind}${project === undefined ? '' : ' @'}`];
    if (action === undefined || (collection && collection !== 'logstores')) {
      throw new CloudError(404, 'InvalidParameter', `${request.method} ${request.path} is not supported`);
    }
    const run = () => this.#handlers[action](project ?? '', logstore, request);
    return { product: 'sls', action, resource: `project/${project ?? textAt(bodyOr(request), 'projectName')}`, run };
  }

  readonly #handlers: { readonly [action in Action]: Handler } = {
    CreateProject: (_project, _logstore, request) => this.#createProject(bodyOf(request)),
    GetProject: (project) => ({ status: 200, body: { ...this.#made(project), region: this.#region, status: 'Normal' } }),
    DeleteProject: (project) => this.#deleteProject(project),
    CreateLogStore: (project, _logstore, request) => this.#createLogstore(project, bodyOf(request)),
    ListLogStores: (project) => this.#listLogstores(project),
    GetLogStore: (project, logstore) => ({ status: 200, body: this.#logstore(project, logstore) }),
    DeleteLogStore: (project, logstore) => this.#deleteLogstore(project, logstore),
    CreateIndex: (project, logstore, request) => this.#createIndex(project, logstore, bodyOf(request)),
    UpdateIndex: (project, logstore, request) => this.#updateIndex(project, logstore, bodyOf(request)),
    GetIndex: (project, logstore) => ({
      status: 200,
      body: { ttl: this.#logstore(project, logstore).ttl, ...this.#index(project, logstore) },
    }),
    GetLogs: (project, logstore, { query }) => this.#getLogs(project, logstore, query),
  };

  #createProject(body: JsonObject): ApiResponse {
    const projectName = textAt(body, 'projectName') ?? '';
    if (!projectForm.test(projectName)) throw new CloudError(400, 'ParameterInvalid', `The project name ${projectName} is invalid`);
    if (this.#projects.get(projectName)) throw new CloudError(400, 'ProjectAlreadyExist', `Project ${projectName} already exists.`);
    const createTime = new Date(this.#now()).toISOString();
    this.#projects.set(projectName, { projectName, description: textAt(body, 'description') ?? '', createTime });
    this.#later.begin('logProjects', projectName);
    return done;
  }

  #deleteProject(project: string): ApiResponse {
    const { projectName } = this.#project(project);
    for (const row of this.#storesOf(projectName)) this.#deleteLogstore(projectName, row.logstoreName);
    this.#projects.delete(projectName);
    return done;
  }

  #createLogstore(project: string, body: JsonObject): ApiResponse {
    this.#project(project);
    const logstoreName = textAt(body, 'logstoreName') ?? '';
    const { ttl = 30, shardCount = 2 } = body;
    if (!logstoreForm.test(logstoreName) || !isIntegerTo(3650, ttl) || !isIntegerTo(10, shardCount))
      throw new CloudError(400, 'LogStoreInfoInvalid', `logstore ${logstoreName} info is invalid`);
    if (this.hasLogstore(project, logstoreName))
      throw new CloudError(400, 'LogStoreAlreadyExist', `logstore ${logstoreName} already exists`);
    const createTime = Math.floor(this.#now() / 1000);
    this.#logstores.set(`${project}/${logstoreName}`, { project, logstoreName, ttl, shardCount, createTime });
    return done;
  }

  #listLogstores(project: string): ApiResponse {
    this.#project(project);
    const names = this.#storesOf(project).map(({ logstoreName }) => logstoreName);
    return { status: 200, body: { count: names.length, total: names.length, logstores: names } };
  }

  #deleteLogstore(project: string, logstore: string): ApiResponse {
    this.#logstore(project, logstore);
    this.#journal(project, logstore).remove();
    this.#indexes.delete(`${project}/${logstore}`);
    this.#logstores.delete(`${project}/${logstore}`);
    return done;
  }

  #createIndex(project: string, logstore: string, body: JsonObject): ApiResponse {
    this.#logstore(project, logstore);
    if (this.#indexes.get(`${project}/${logstore}`)) {
      throw new CloudError(400, 'IndexAlreadyExist', `logstore ${logstore} index already exists`);
    }
    this.#indexes.set(`${project}/${logstore}`, checkedIndex(body));
    return done;
  }

  #updateIndex(project: string, logstore: string, body: JsonObject): ApiResponse {
    this.#index(project, logstore);
    this.#indexes.set(`${project}/${logstore}`, checkedIndex(body));
    return done;
  }

  /** Logs from `from` (inclusive) to `to` (exclusive), in seconds: https://github.com/aliyun/alibabacloud-typescript-sdk/tree/master/sls-20201230 */
  #getLogs(project: string, logstore: string, query: URLSearchParams): ApiResponse {
    const index = this.#index(project, logstore);
    const [from, to] = [secondsAt(query, 'from'), secondsAt(query, 'to')];
    const matches = this.#compiled(query.get('query') ?? '', index);
    const topic = query.get('topic') ?? '';
    const found = this.#journal(project, logstore)
      .read()
      .filter((row) => row.time >= from && row.time < to && (topic === '' || row.topic === topic) && matches(row))
      .sort((left, right) => left.time - right.time);
    if (this.#later.isFirstPending('logSearch', `${project}/${logstore} ${query}`)) {
      return { status: 200, headers: { 'x-log-progress': 'Incomplete', 'x-log-count': '0' }, body: [] };
    }
    const ordered = query.get('reverse') === 'true' ? found.reverse() : found;
    const offset = Number(query.get('offset') ?? 0);
    const lines = Math.min(Number(query.get('line') ?? maxLines), maxLines);
    const logs = ordered.slice(offset, offset + lines).map(({ time, topic, source, contents }) => ({
      ...contents,
      __time__: String(time),
      __topic__: topic,
      __source__: source,
    }));
    return { status: 200, headers: { 'x-log-progress': 'Complete', 'x-log-count': String(logs.length) }, body: logs };
  }

  #compiled(query: string, index: Index): (row: LogRow) => boolean {
    try {
      return compileQuery(query, index);
    } catch (error) {
      if (error instanceof QuerySyntaxError) throw new CloudError(400, 'ParameterInvalid', `query is invalid: ${error.message}`);
      throw error;
    }
  }

  #project(project: string): ProjectRow {
    if (this.#later.isPending('logProjects', project)) throw missingProject(project);
    return this.#made(project);
  }

  #made(project: string): ProjectRow {
    const row = this.#projects.get(project);
    if (row) return row;
    throw missingProject(project);
  }

  #logstore(project: string, logstore: string): LogstoreRow {
    this.#project(project);
    const row = this.#logstores.get(`${project}/${logstore}`);
    if (row) return row;
    throw new CloudError(404, 'LogStoreNotExist', `logstore ${logstore} does not exist`);
  }

  #index(project: string, logstore: string): Index {
    this.#logstore(project, logstore);
    const index = this.#indexes.get(`${project}/${logstore}`);
    if (index) return index;
    throw new CloudError(404, 'IndexConfigNotExist', 'index config doesnt exist');
  }

  #storesOf(project: string): LogstoreRow[] {
    return this.#logstores.values().filter((row) => row.project === project);
  }

  #journal(project: string, logstore: string): Journal<LogRow> {
    return this.#state.journal(`logs/${project}/${logstore}`);
  }
}

function missingProject(project: string): CloudError {
  return new CloudError(404, 'ProjectNotExist', `The Project does not exist : ${project}`);
}

/** Operations by method and path; `@`: within a project. */
const actions: { readonly [operation: string]: Action } = {
  'POST /': 'CreateProject',
  'POST / @': 'CreateProject',
  'GET / @': 'GetProject',
  'DELETE / @': 'DeleteProject',
  'POST /logstores @': 'CreateLogStore',
  'GET /logstores @': 'ListLogStores',
  'GET /logstores/{logstore} @': 'GetLogStore',
  'GET /logstores/{logstore}?type=log @': 'GetLogs',
  'DELETE /logstores/{logstore} @': 'DeleteLogStore',
  'POST /logstores/{logstore}/index @': 'CreateIndex',
  'PUT /logstores/{logstore}/index @': 'UpdateIndex',
  'GET /logstores/{logstore}/index @': 'GetIndex',
};

type Action =
  | 'CreateProject'
  | 'GetProject'
  | 'DeleteProject'
  | 'CreateLogStore'
  | 'ListLogStores'
  | 'GetLogStore'
  | 'DeleteLogStore'
  | 'CreateIndex'
  | 'UpdateIndex'
  | 'GetIndex'
  | 'GetLogs';

function bodyOr(request: ApiRequest): JsonObject {
  const body = jsonBody(request);
  return isObject(body) ? body : {};
}

function bodyOf(request: ApiRequest): JsonObject {
  const body = jsonBody(request);
  if (isObject(body)) return body;
  throw new CloudError(400, 'PostBodyInvalid', 'Protobuffer content cannot be parsed.');
}

function checkedIndex(body: JsonObject): Index {
  const { line, keys } = body;
  if (isObject(line) && line.token !== undefined && !isTexts(line.token))
    throw new CloudError(400, 'IndexInfoInvalid', 'line.token is not a list of texts');
  if (isObject(line) || isObject(keys)) return { ...(isObject(line) && { line }), ...(isObject(keys) && { keys }) };
  throw new CloudError(400, 'IndexInfoInvalid', 'required field keys or line is lacking or of error format');
}

function isIntegerTo(most: number, value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function secondsAt(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? Number.NaN);
  if (Number.isInteger(value)) return value;
  throw new CloudError(400, 'ParameterInvalid', `${name} is not a time in seconds`);
}
