import type { Settings } from '../../../shared/settings.ts';

/*
 * What Elasticsearch's own words tell that a status and a type leave open. The lists are closed: each entry was seen on a real server, 7.0.1 to
 * 8.19, unless its source says otherwise. A pattern begins where the reason begins, so that no text of a record can pretend to be one.
 */

export interface ErrorBody {
  readonly type: string;
  readonly reason: string;
}

interface TargetFaultPattern {
  readonly types: readonly string[];
  readonly pattern: RegExp;
  /** What the error means in our own words, as its reason may quote the record; `$1` is what the pattern captured. */
  readonly means: string;
}

/** What is to be said of a target that refuses ids. */
export const timeSeriesIds = 'is a time series index, which makes its ids itself: it needs DOCUMENT_ID=auto';

const argument = ['illegal_argument_exception'];
/** 7.0 calls whatever a pipeline's processor throws an `exception`, and names its class in the reason. */
const thrown = ['illegal_state_exception', 'graph_structure_exception', 'resource_not_found_exception', 'exception'];

const targetFaults: readonly TargetFaultPattern[] = [
  { types: argument, pattern: /^pipeline with id \[([^\]]*)\] does not exist$/, means: 'the ingest pipeline $1 does not exist' },
  {
    types: thrown,
    pattern: /^Pipeline processor configured for non-existent pipeline \[([^\]]*)\]$/,
    means: 'the ingest pipeline $1, which a pipeline calls, does not exist',
  },
  { types: thrown, pattern: /^Cycle detected for pipeline: (\S+)$/, means: 'the ingest pipeline $1 calls itself' },
  {
    types: thrown,
    pattern: /^(?:ResourceNotFoundException\[)?unable to find script \[([^\]]*)\] in cluster state\]?$/,
    means: 'the script $1, which a pipeline runs, does not exist',
  },
  {
    types: thrown,
    pattern: /^index cycle detected while processing pipeline \[/,
    means: 'its ingest pipelines send documents round in a circle of indices',
  },
  {
    types: thrown,
    pattern: /^final pipeline \[([^\]]*)\] can't change the target index /,
    means: 'its final pipeline $1 sends documents to another index',
  },
  { types: argument, pattern: /^no write index is defined for alias \[/, means: 'it is an alias without a write index' },
  {
    types: argument,
    pattern: /^Alias \[[^\]]*\] has index routing associated with it \[/,
    means: 'it is an alias with a routing of its own, which needs ES_ROUTING=none',
  },
  {
    types: argument,
    pattern: /^only write ops with an op_type of create are allowed in data streams$/,
    means: 'it is a data stream, which takes only WRITE_MODE=create',
  },
  {
    types: argument,
    pattern: /^index request targeting data stream \[[^\]]*\] specifies a custom routing(?: but|\.) /,
    means: 'it is a data stream, which needs ES_ROUTING=none',
  },
  {
    types: argument,
    pattern: /^index request with op_type=.* targeting backing indices is disallowed, /,
    means: "it is an index of a data stream's: name the data stream in ES_INDEX",
  },
  {
    types: ['document_parsing_exception', 'mapper_parsing_exception'],
    pattern: /^(?:\[\d+:\d+\] )?failed to parse: _id must be unset or set to \[/,
    means: `it ${timeSeriesIds}`,
  },
  {
    types: argument,
    pattern: /^specifying routing is not supported because the destination index \[/,
    means: 'it is a time series index, which needs ES_ROUTING=none',
  },
  {
    types: argument,
    pattern: /^update is not supported because the destination index \[/,
    means: 'it is a time series index, which takes no WRITE_MODE=upsert',
  },
];

const classNames = /^(?:java\.lang\.Illegal(?:Argument|State)Exception: )+/;

/** What a target is, or lacks, so that every such operation must fail. */
export interface TargetFault {
  /** What the error means in our words, with `$1` for the name. */
  readonly means: string;
  /** The name that Elasticsearch gives, which may be one that a pipeline has made from a record. */
  readonly name: string | undefined;
}

/** The target's fault that an error tells by its own words; undefined: it does not tell. */
export function targetFaultIn({ type, reason }: ErrorBody, { ES_ROUTING }: Pick<Settings, 'ES_ROUTING'>): TargetFault | undefined {
  if (type === 'routing_missing_exception' && ES_ROUTING === 'none') return { means: requiresRouting, name: undefined };
  const text = type === 'exception' ? reason.replace(classNames, '') : reason;
  for (const { types, pattern, means } of targetFaults) {
    const match = types.includes(type) ? pattern.exec(text) : null;
    if (match) return { means, name: match[1] };
  }
  return undefined;
}

const requiresRouting = 'its mapping requires a routing, and ES_ROUTING is none';

/** Whether an older node, before which there may be a newer one, does not know the parameter that this package adds for aliases or data streams. */
export function isRequirementUnknown({ reason }: ErrorBody): boolean {
  return /unrecognized parameter: \[require_(?:alias|data_stream)\]/.test(reason);
}

/** Whether an index is only missing as an alias or as a data stream. */
export function isMissingAsRequired({ reason }: ErrorBody): boolean {
  return /\[require_(?:alias|data_stream)\] request flag is \[true\]/.test(reason);
}

/** Whether an error that is a text alone is Elasticsearch's, which words so what it says of a path or method that it does not know. */
export function isOwnText(error: string): boolean {
  return /^(no handler found|Incorrect HTTP method|Unexpected http method|alias \[)/.test(error);
}

/*
 * Types of errors while nodes leave, shards move, masters change or disks fail, with the statuses 404 or 500 that say nothing of
 * it: each a class of its own below https://github.com/elastic/elasticsearch/tree/v7.10.2/server/src/main/java/org/elasticsearch, of Lucene's or
 * of Java's, where the name is its class's.
 */
const retriableTypes: ReadonlySet<string> = new Set([
  // node/, transport/
  'node_closed_exception',
  'node_disconnected_exception',
  'node_not_connected_exception',
  'connect_transport_exception',
  'receive_timeout_transport_exception',
  'connect_exception',
  'socket_exception',
  // index/shard/, index/engine/, indices/recovery/, action/support/replication/
  'already_closed_exception',
  'engine_closed_exception',
  'engine_exception',
  'engine_creation_failure_exception',
  'refresh_failed_engine_exception',
  'flush_failed_engine_exception',
  'recovery_engine_exception',
  'delay_recovery_exception',
  'illegal_index_shard_state_exception',
  'index_shard_closed_exception',
  'index_shard_not_started_exception',
  'index_shard_recovering_exception',
  'index_shard_relocated_exception',
  'shard_not_found_exception',
  'shard_not_in_primary_mode_exception',
  'shard_lock_obtain_failed_exception',
  'index_primary_shard_not_allocated_exception',
  'primary_missing_action_exception',
  'no_longer_primary_shard_exception',
  'retry_on_primary_exception',
  'retry_on_replica_exception',
  // cluster/, tasks/
  'not_master_exception',
  'failed_to_commit_cluster_state_exception',
  'timeout_exception',
  'task_cancelled_exception',
  'interrupted_exception',
  // The disk
  'translog_exception',
  'i_o_exception',
  'file_system_exception',
  'closed_channel_exception',
  'out_of_memory_error',
]);

/** Whether an error of this type passes by itself. */
export function isRetriableType(type: string): boolean {
  return retriableTypes.has(type);
}

const action = '(?:cluster|indices):[a-z_/]{1,80}(?:\\[[a-z]\\])?';

/*
 * What the reason of a fault that needs a person adds to its type. A reason itself is not shown: what stands before Elasticsearch may word it as it likes,
 * and with the request in it.
 */
const meanings: readonly { readonly type: string; readonly pattern: RegExp; readonly means: string }[] = [
  // The name of the action tells which privilege is missing, and is made of these letters alone.
  { type: 'security_exception', pattern: new RegExp(`\\[(${action})\\]`), means: 'the action $1 is not allowed' },
  // Search Guard names all that a part of a bulk request needs: https://docs.search-guard.com/7.x-38/roles-permissions
  {
    type: 'security_exception',
    pattern: new RegExp(`\\[(${action}(?:, ${action}){1,9})\\]`),
    means: 'not all of the actions $1 are allowed',
  },
  { type: 'validation_exception', pattern: /maximum (?:normal )?shards open/, means: 'the cluster has as many shards open as it may' },
];

/** What an error's reason tells that its type does not, in our own words. */
export function meaningOf({ type, reason }: ErrorBody): string | undefined {
  for (const one of meanings) {
    const match = one.type === type ? one.pattern.exec(reason) : null;
    if (match) return one.means.replace('$1', () => match[1] ?? '');
  }
  return undefined;
}

/** Types that say that an operation's lines are no JSON, or none that Elasticsearch takes: whose fault that is can be told without others that were written. */
const parsingTypes: ReadonlySet<string> = new Set([
  'x_content_parse_exception',
  'json_parse_exception',
  'json_e_o_f_exception',
  'parse_exception',
  'parsing_exception',
  'mapper_parsing_exception',
  'document_parsing_exception',
  'input_coercion_exception',
  'not_x_content_exception',
]);

/** Whether an error of this type is the fault of what was sent. */
export function isParsingType(type: string): boolean {
  return parsingTypes.has(type);
}
