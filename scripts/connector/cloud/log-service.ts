import { note } from '../../terminal/output.ts';
import type { Access } from './access.ts';
import { call, found, made } from './call.ts';
import { loadSdk, openClient } from './sdk.ts';
import { waitUntil } from './waiting.ts';

type Sdk = typeof import('@alicloud/sls20201230');

const product = 'Log Service';
/** The API's own limit. */
const linesPerPage = 100;
const shardCount = 1;
const completeSeconds = 60;
/** What separates the words of the function's JSON lines. */
const token = [',', ' ', "'", '"', ';', '=', '(', ')', '[', ']', '{', '}', '?', '@', '&', '<', '>', '/', ':', '\n', '\t', '\r'];

/** A line of a function's log. */
export interface LogLine {
  /** When it was written, in seconds since 1970. */
  readonly time: number;
  readonly message: string;
  /** Its `__topic__`. */
  readonly topic: string;
}

interface LogRow {
  readonly [field: string]: unknown;
}

/** Which lines of a store are read. */
interface LogQuery {
  /** The lines' `__topic__`; those of all topics when absent. */
  readonly topic?: string;
  /** The earliest time, in seconds since 1970. */
  readonly from: number;
  /** The time before which lines were written, in seconds since 1970. */
  readonly to: number;
  /** The words that lines must have; all lines are read when it is empty. */
  readonly words: string;
  readonly limit: number;
}

/** Projects, stores and indexes of Log Service. */
export class LogServiceApi {
  readonly #sdk = loadSdk('@alicloud/sls20201230');
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** What its maker wrote to the project; undefined when there is no such project. */
  async projectDescription(project: string): Promise<string | undefined> {
    const response = await found(
      call(product, 'GetProject', () => this.#client(project).getProject(project)),
      'ProjectNotExist',
    );
    return response && (response.body?.description ?? '');
  }

  async createProject(project: string, description: string): Promise<void> {
    const request = new this.#sdk.CreateProjectRequest({ projectName: project, description });
    await made(
      call(product, 'CreateProject', () => this.#client(project).createProject(request)),
      'ProjectAlreadyExist',
    );
  }

  async deleteProject(project: string): Promise<void> {
    await found(
      call(product, 'DeleteProject', () => this.#client(project).deleteProject(project, new this.#sdk.DeleteProjectRequest({}))),
      'ProjectNotExist',
    );
  }

  /** Names of the project's stores. */
  async logstores(project: string): Promise<readonly string[]> {
    const request = new this.#sdk.ListLogStoresRequest({ offset: 0, size: 500 });
    const response = await found(
      call(product, 'ListLogStores', () => this.#client(project).listLogStores(project, request)),
      'ProjectNotExist',
    );
    return response?.body?.logstores ?? [];
  }

  /** Days that the store keeps lines. */
  async logstoreTtl(project: string, logstore: string): Promise<number | undefined> {
    const response = call(product, 'GetLogStore', () => this.#client(project).getLogStore(project, logstore));
    return (await found(response, 'ProjectNotExist', 'LogStoreNotExist'))?.body?.ttl;
  }

  async createLogstore(project: string, logstore: string, ttl: number): Promise<void> {
    const request = new this.#sdk.CreateLogStoreRequest({ logstoreName: logstore, ttl, shardCount });
    await made(
      call(product, 'CreateLogStore', () => this.#client(project).createLogStore(project, request)),
      'LogStoreAlreadyExist',
    );
  }

  async deleteLogstore(project: string, logstore: string): Promise<void> {
    await found(
      call(product, 'DeleteLogStore', () => this.#client(project).deleteLogStore(project, logstore)),
      'ProjectNotExist',
      'LogStoreNotExist',
    );
  }

  async hasIndex(project: string, logstore: string): Promise<boolean> {
    const response = call(product, 'GetIndex', () => this.#client(project).getIndex(project, logstore));
    return (await found(response, 'ProjectNotExist', 'LogStoreNotExist', 'IndexConfigNotExist')) !== undefined;
  }

  /** A full-text index: without one no line can be found. */
  async createIndex(project: string, logstore: string): Promise<void> {
    const line = new this.#sdk.IndexLine({ token, caseSensitive: false, chn: false });
    const request = new this.#sdk.CreateIndexRequest({ body: new this.#sdk.Index({ line }) });
    await made(
      call(product, 'CreateIndex', () => this.#client(project).createIndex(project, logstore, request)),
      'IndexAlreadyExist',
    );
  }

  /** The lines of a topic, or of all, the oldest first; at most `limit`, the newest then. */
  async lines(project: string, logstore: string, { from, limit, to, topic, words }: LogQuery): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for (let offset = 0; offset < limit; offset += linesPerPage) {
      const request = new this.#sdk.GetLogsRequest({
        from,
        to,
        ...(topic !== undefined && { topic }),
        query: words,
        line: linesPerPage,
        offset,
        reverse: true,
      });
      const body = await this.#page(project, logstore, request);
      lines.push(
        ...body.map((row) => ({
          time: Number(row.__time__),
          message: String(row.message ?? ''),
          topic: String(row.__topic__ ?? ''),
        })),
      );
      if (body.length < linesPerPage) break;
    }
    return lines.reverse();
  }

  /** One page, requested again while it is incomplete: https://www.alibabacloud.com/help/en/sls/developer-reference/api-sls-2020-12-30-getlogs */
  async #page(project: string, logstore: string, request: InstanceType<Sdk['GetLogsRequest']>): Promise<LogRow[]> {
    let rows: LogRow[] = [];
    const isWhole = async () => {
      const { body, headers } = await call(product, 'GetLogs', () => this.#client(project).getLogs(project, logstore, request));
      rows = body ?? [];
      return headers?.['x-log-progress'] !== 'Incomplete';
    };
    if (!(await waitUntil('Log Service to look through all lines', completeSeconds, isWhole))) {
      note(`Log Service had not looked through all lines after ${completeSeconds} s: some may be missing here.`);
    }
    return rows;
  }

  /** The project is part of the host name, which the local cloud has not: there it is a header. */
  #client(project: string): InstanceType<Sdk['default']> {
    const { endpoint, region } = this.#access;
    if (!endpoint) return openClient(this.#sdk, this.#access, { endpoint: `${region}.log.aliyuncs.com` });
    const client = openClient(this.#sdk, this.#access, { headers: { 'x-log-project': project } });
    Object.assign(client._spi, { getHost: async (_network: string, _project: string, host: string) => host });
    return client;
  }
}
