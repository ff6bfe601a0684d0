import type { FunctionCheck } from '../../../shared/commands.ts';
import type { Settings } from '../../../shared/settings.ts';
import { invisibleEndings } from '../credentials.ts';
import { redact } from '../redact.ts';
import { checkRights, needsOfErrorIndex, needsOfIndex } from './check-rights.ts';
import { checkErrorTarget, checkTarget } from './check-target.ts';
import { NoResponse, type Request, type Response } from './client.ts';
import { hasFound, mayFindOthers, noPipeline, pipelinePath } from './pipelines.ts';
import { asNoResponse } from './send.ts';
import { requestLimitMs, type Session } from './session.ts';
import { TlsFailure } from './tls.ts';
import { readVersion } from './version.ts';

/** Whether Elasticsearch has everything that a delivery needs, to `index` where that is known; changes nothing. */
export async function checkElasticsearch(session: Session, index: string | undefined): Promise<FunctionCheck[]> {
  const checks: FunctionCheck[] = [];
  try {
    // What a server tells is a part of it.
    for await (const check of checksOf(session, index)) checks.push({ ...check, detail: redact(check.detail, session.settings) });
  } catch (error) {
    if (!(error instanceof TlsFailure)) throw error;
    // It is that of whichever node the request went to.
    checks.push({ name: 'elasticsearch', ok: false, detail: error.detail, fix: error.fix });
  }
  return checks;
}

async function* checksOf(session: Session, index: string | undefined): AsyncGenerator<FunctionCheck> {
  const root = await trySend(session, { method: 'GET', path: '/' });
  yield checkReachable(root);
  if (root instanceof NoResponse) return;
  yield checkVersion(root);
  yield checkCredentials(root, session.settings);
  if (root.status === 401) return;
  yield* checksOfIndex(session, index);
  const { ES_PIPELINE, ERROR_INDEX } = session.settings;
  if (ES_PIPELINE !== undefined) yield await checkPipeline(session, ES_PIPELINE);
  if (ERROR_INDEX !== undefined) yield* checksOfErrorIndex(session, ERROR_INDEX);
}

async function* checksOfErrorIndex(session: Session, index: string): AsyncGenerator<FunctionCheck> {
  const name = 'error destination';
  yield* (await checkErrorTarget(session, index)).map((finding) => ({ name, ...finding }));
  const needs = needsOfErrorIndex((await lookAt(session, index)) === 404);
  yield* await checkRights((request) => trySend(session, request), name, index, needs);
}

async function* checksOfIndex(session: Session, index: string | undefined): AsyncGenerator<FunctionCheck> {
  if (index === undefined) {
    yield { name: 'index', ok: null, detail: 'its name depends on the topic, and SOURCE_TOPIC is not set' };
    return;
  }
  const status = await lookAt(session, index);
  yield checkIndex(session.settings, index, status);
  // What is not to be made becomes nothing.
  if (status !== 404 || session.settings.CREATE_INDEX) yield await checkTarget(session, index);
  const needs = needsOfIndex(session.settings, status === 404 || !session.settings.ES_INDEX.isFixed);
  yield* await checkRights((request) => trySend(session, request), 'permission', index, needs);
}

async function trySend(session: Session, request: Request): Promise<Response | NoResponse> {
  return session.client.send(request, requestLimitMs(session) / 4).catch(asNoResponse);
}

function checkReachable(root: Response | NoResponse): FunctionCheck {
  const name = 'elasticsearch';
  if (!(root instanceof NoResponse)) return { name, ok: true, detail: `${root.node} answers` };
  const fix =
    'compare ES_ENDPOINT, ES_PORT and ES_PROTOCOL with the instance; the vSwitch of the function must be in its VPC and whitelist';
  return { name, ok: false, detail: `${root.node} does not answer: ${root.message}`, fix };
}

function checkVersion(root: Response): FunctionCheck {
  const name = 'version';
  const version = readVersion(root);
  if (!version) return { name, ok: null, detail: `cannot be read (status ${root.status})` };
  const { number, isTooOld } = version;
  return { name, ok: !isTooOld, detail: number, ...(isTooOld && { fix: 'upgrade to Elasticsearch 7.0 or newer' }) };
}

function checkCredentials({ status }: Response, settings: Settings): FunctionCheck {
  const name = 'credentials';
  if (status !== 401) return { name, ok: true, detail: 'accepted' };
  return {
    name,
    ok: false,
    detail: ['not accepted (401)', ...invisibleEndings(settings)].join('; '),
    fix: 'correct ES_USERNAME and ES_PASSWORD, or ES_API_KEY',
  };
}

/** The status of the response to whether a name exists; undefined where none came. */
async function lookAt(session: Session, index: string): Promise<number | undefined> {
  const response = await trySend(session, { method: 'HEAD', path: `/${encodeURIComponent(index)}` });
  return response instanceof NoResponse ? undefined : response.status;
}

function checkIndex({ CREATE_INDEX }: Settings, index: string, status: number | undefined): FunctionCheck {
  const name = 'index';
  if (status === 200) return { name, ok: true, detail: `${index} exists` };
  if (status !== 404) return { name, ok: null, detail: `cannot look whether ${index} exists (${status ?? 'no answer'})` };
  if (CREATE_INDEX) return { name, ok: true, detail: `${index} does not exist and will be created` };
  return { name, ok: false, detail: `${index} does not exist`, fix: 'create it, or set CREATE_INDEX=true' };
}

async function checkPipeline(session: Session, pipeline: NonNullable<Settings['ES_PIPELINE']>): Promise<FunctionCheck> {
  const name = 'pipeline';
  if (pipeline === noPipeline) return { name, ok: true, detail: `none, not even the default pipeline of the index (${noPipeline})` };
  const response = await trySend(session, { method: 'GET', path: pipelinePath(pipeline) });
  const isThere = response instanceof NoResponse ? undefined : hasFound(response, pipeline);
  if (isThere) return { name, ok: true, detail: `${pipeline} exists` };
  if (isThere === undefined) {
    const reason = response instanceof NoResponse ? 'no answer' : response.status;
    return { name, ok: null, detail: `cannot look whether ${pipeline} exists (${reason})` };
  }
  const fix = mayFindOthers(pipeline)
    ? 'name one pipeline in ES_PIPELINE: what is in it is not taken for a list or a pattern; for several, make one of `pipeline` processors'
    : 'create it, or correct ES_PIPELINE';
  return { name, ok: false, detail: `${pipeline} does not exist`, fix };
}
