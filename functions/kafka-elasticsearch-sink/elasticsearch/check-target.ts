import type { FunctionCheck } from '../../../shared/commands.ts';
import type { Settings } from '../../../shared/settings.ts';
import { findCommonIndex } from './common-index.ts';
import { isTimeSeries } from './diagnose.ts';
import { lookUp } from './send.ts';
import type { Session } from './session.ts';
import { kindOf } from './targets.ts';
import { findTemplate } from './template.ts';
import { errorOf, unverified } from './unverified.ts';

type Finding = Omit<FunctionCheck, 'name'>;
type Indices = { readonly [index: string]: unknown };

/**
 * What records become of that name: documents of an index or a data stream, and whether the settings fit it; above all whether a name that was
 * meant to be a data stream or an alias would silently become a plain index. Changes nothing.
 */
export async function checkTarget(session: Session, index: string): Promise<FunctionCheck> {
  const indices = await indicesOf(session, index);
  const finding =
    indices === 'unknown'
      ? untold(index)
      : indices === 'missing'
        ? await judgeNew(session, index)
        : await judgeExisting(session, index, indices);
  return { name: 'target', ...finding };
}

/** What stands against rejected records in `ERROR_INDEX`, which is this index. Changes nothing. */
export async function checkErrorTarget(session: Session, index: string): Promise<Finding[]> {
  const common = await findCommonIndex(session.settings, (request) => lookUp(session, request, once));
  if (common !== undefined) {
    const detail = `ERROR_INDEX and ES_INDEX both stand for ${common}, where rejected records would lie among documents`;
    return [{ ok: false, detail, fix: 'name another index for rejected records' }];
  }
  return (await isStream(session, index)) ? [errorStream(index)] : [];
}

async function isStream(session: Session, index: string): Promise<boolean> {
  const indices = await indicesOf(session, index);
  if (indices === 'missing') return (await findTemplate(session, index)) === 'data-stream';
  return indices !== 'unknown' && kindOf(index, Object.keys(indices)) === 'data-stream';
}

function errorStream(index: string): Finding {
  const detail = `${index} is a data stream, or a template makes it one: rejected records are written by their ids, which no data stream takes`;
  return { ok: false, detail, fix: 'choose another name for ERROR_INDEX, of an index' };
}

async function indicesOf(session: Session, names: string): Promise<Indices | 'missing' | 'unknown'> {
  const path = `/${encodeURIComponent(names)}/_settings/index.uuid,index.mode?expand_wildcards=all`;
  const response = await look(session, path);
  if (response?.status === 200) return unverified<Indices>(response.json);
  return response?.status === 404 ? 'missing' : 'unknown';
}

function look(session: Session, path: string) {
  return lookUp(session, { method: 'GET', path }, once);
}

const once = { maxTries: 1, timeShare: 0.25 };

function untold(index: string): Finding {
  return { ok: null, detail: `cannot look what ${index} is` };
}

async function judgeExisting(session: Session, index: string, indices: Indices): Promise<Finding> {
  const { settings } = session;
  const kind = kindOf(index, Object.keys(indices));
  if (isTimeSeries(indices)) return judgeTimeSeries(index, settings);
  if (kind === 'data-stream') return judgeStream(`${index} is a data stream`, settings);
  if (kind === 'index' && (await findTemplate(session, index)) === 'data-stream') {
    const detail = `${index} is a plain index, though a template makes data streams of such names: it was made before the template`;
    return { ok: null, detail, fix: 'for a data stream, move its documents elsewhere, delete it, and deploy again' };
  }
  return { ok: true, detail: `${index} is an ${kind}` };
}

function judgeTimeSeries(index: string, { DOCUMENT_ID, ES_ROUTING, WRITE_MODE }: Settings): Finding {
  const detail = `${index} is a time series index, which makes ids and routing itself, of each document's dimensions and time`;
  const changes = [
    ...(DOCUMENT_ID === 'auto' ? [] : ['DOCUMENT_ID=auto']),
    ...(ES_ROUTING === 'none' ? [] : ['ES_ROUTING=none']),
    ...(WRITE_MODE === 'create' ? [] : ['WRITE_MODE=create']),
  ];
  return changes.length === 0 ? { ok: true, detail } : { ok: false, detail, fix: `set ${changes.join(' and ')}` };
}

function judgeStream(what: string, { WRITE_MODE }: Settings): Finding {
  if (WRITE_MODE === 'create') return { ok: true, detail: what };
  return {
    ok: false,
    detail: `${what}, which does not take WRITE_MODE=${WRITE_MODE}`,
    fix: 'set WRITE_MODE=create, or write to another name',
  };
}

async function judgeNew(session: Session, index: string): Promise<Finding> {
  const template = await findTemplate(session, index);
  if (template === 'unknown')
    return { ok: null, detail: `cannot look which templates there are: ${index} may become a data stream or an index` };
  if (template === 'data-stream') return judgeStream(`a template makes ${index} a data stream`, session.settings);
  return judgeNewIndex(session, index);
}

/** Of a name that becomes a plain index: whether that may not be what is meant. */
async function judgeNewIndex(session: Session, index: string): Promise<Finding> {
  const becomes = `${index} becomes a plain index`;
  const left = await leftOver(session, index);
  if (left !== undefined) {
    const detail = `${becomes}, though ${left} is there, as if an alias or a data stream of that name were gone`;
    return { ok: null, detail, fix: 'make the alias or the data stream again before records come, or write to another name' };
  }
  if (session.settings.WRITE_MODE === 'create') return judgePlainCreate(session, becomes);
  if (!hasBuiltInForm(index)) return { ok: true, detail: becomes };
  const detail = `${becomes}, though its name has the form of Elasticsearch's own data streams, which other versions make of it`;
  return {
    ok: null,
    detail,
    fix: 'write to a name that does not begin with logs-, metrics-, traces- or synthetics-, or set WRITE_MODE=create',
  };
}

async function judgePlainCreate(session: Session, becomes: string): Promise<Finding> {
  const detail = `${becomes}, no data stream, though WRITE_MODE is create: no template with data_stream matches it`;
  if (await hasDataStreams(session)) {
    return { ok: null, detail, fix: 'for a data stream, make an index template with data_stream for that name before records come' };
  }
  return { ok: null, detail: `${detail}, and this server has no data streams`, fix: 'for data streams, use Elasticsearch 7.9 or newer' };
}

/** An index of the form that a rollover gives to the indices of an alias or a data stream of that name; undefined where there is none. */
async function leftOver(session: Session, index: string): Promise<string | undefined> {
  const indices = await indicesOf(session, `${index}-*,.ds-${index}-*`);
  if (indices === 'missing' || indices === 'unknown') return undefined;
  const rest = (name: string) => name.slice(name.indexOf(index) + index.length);
  return Object.keys(indices)
    .sort()
    .findLast((name) => /^-(?:\d{4}\.\d{2}\.\d{2}-)?\d{6}$/.test(rest(name)));
}

/** Whether the server serves data streams: one without them knows no such path, or takes it for that of an index. */
async function hasDataStreams(session: Session): Promise<boolean> {
  const response = await look(session, '/_data_stream/*');
  return response?.status === 200 && errorOf(response.json).type === 'unknown';
}

/** The patterns of the index templates that come with Elasticsearch: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-templates.html */
function hasBuiltInForm(index: string): boolean {
  return /^(?:logs|metrics|traces|synthetics)-.*-/.test(index);
}
