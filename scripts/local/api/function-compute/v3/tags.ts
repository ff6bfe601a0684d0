import type { Account } from '../../account.ts';
import { type ApiRequest, type ApiResponse, parseJson } from '../../http.ts';
import type { Functions, StandaloneFunction, Tag } from '../functions.ts';
import { bodyOf, invalid } from '../resource.ts';
import { checkedTags } from './checked-tags.ts';
import type { StandaloneFunctions } from './functions.ts';

interface Dependencies {
  readonly account: Account;
  readonly functions: StandaloneFunctions;
  readonly store: Functions;
}

/** Tags of functions, by their ARNs: https://github.com/alibabacloud-go/fc-20230330/blob/master/client/tag_resources_input_model.go */
export class Tags {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Throws `CloudError`, as all that follow. */
  add(request: ApiRequest): ApiResponse {
    const body = bodyOf(request);
    checkType(body.ResourceType);
    const added = checkedTags(body.Tag);
    for (const row of this.#functions(body.ResourceId)) {
      const kept = row.tags.filter(({ Key }) => !added.some((tag) => tag.Key === Key));
      this.#set(row, checkedTags([...kept, ...added]));
    }
    return { status: 200, body: {} };
  }

  remove(query: URLSearchParams): ApiResponse {
    checkType(query.get('ResourceType'));
    const keys = query.has('TagKey') ? texts(listAt(query, 'TagKey'), 'TagKey') : [];
    const isAll = query.get('All') === 'true';
    for (const row of this.#functions(listAt(query, 'ResourceId'))) {
      this.#set(
        row,
        row.tags.filter(({ Key }) => !isAll && !keys.includes(Key)),
      );
    }
    return { status: 204 };
  }

  list(query: URLSearchParams, requestId: string): ApiResponse {
    const type = query.get('ResourceType');
    checkType(type);
    const wanted = query.has('Tag') ? checkedTags(listAt(query, 'Tag')) : [];
    const rows = this.#functions(listAt(query, 'ResourceId'));
    const found = rows.flatMap((row) =>
      row.tags
        .filter(
          ({ Key, Value }) => wanted.length === 0 || wanted.some((tag) => tag.Key === Key && (tag.Value === '' || tag.Value === Value)),
        )
        .map(({ Key, Value }) => ({ ResourceId: this.#arn(row), ResourceType: type, TagKey: Key, TagValue: Value })),
    );
    return { status: 200, body: { RequestId: requestId, TagResources: found } };
  }

  #functions(arns: unknown): StandaloneFunction[] {
    const prefix = this.#arn({ functionName: '' });
    return texts(arns, 'ResourceId').map((arn) => {
      if (arn.startsWith(prefix)) return this.#dependencies.functions.find(arn.slice(prefix.length));
      throw invalid(`ResourceId '${arn}' is not ${prefix}<function>`);
    });
  }

  #arn({ functionName }: Pick<StandaloneFunction, 'functionName'>): string {
    const { accountId, region } = this.#dependencies.account;
    return `acs:fc:${region}:${accountId}:functions/${functionName}`;
  }

  #set(row: StandaloneFunction, tags: readonly Tag[]): void {
    this.#dependencies.store.put({ ...row, tags }, {});
  }
}

function checkType(type: unknown): void {
  const isFunction = typeof type === 'string' && ['function', 'aliyun::fc::function'].includes(type.toLowerCase());
  if (!isFunction) throw invalid(`ResourceType ${JSON.stringify(type)} is not supported here, only function`);
}

function listAt(query: URLSearchParams, name: string): unknown {
  const value = parseJson(query.get(name) ?? '');
  if (value === undefined) throw invalid(`${name} is not a list as JSON`);
  return value;
}

function texts(value: unknown, name: string): string[] {
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value;
  throw invalid(`${name} is not a list of texts`);
}
