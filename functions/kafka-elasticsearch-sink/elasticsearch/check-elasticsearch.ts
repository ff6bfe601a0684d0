import type { estypes } from '@elastic/elasticsearch';
import type { FunctionCheck } from '../../../shared/commands.ts';
import type { Settings } from '../../../shared/settings.ts';
import { invisibleEndings } from '../credentials.ts';
import { redact } from '../redact.ts';
import { checkTarget } from './check-target.ts';
import { NoResponse, type Request, type Response } from './client.ts';
import { asNoResponse } from './send.ts';
import { requestLimitMs, type Session } from './session.ts';
import { TlsFailure } from './tls.ts';
import { unverified } from './unverified.ts';
import { readVersion } from './version.ts';

/** Whether Elasticsearch has everything that a delivery needs, to `index` where that is known; changes nothing. */
export async function checkElasticsearch(session: Session, index: string | undefined): Promise<FunctionCheck[]> {
  const checks: FunctionCheck[] = [];
  try {
    for await (const check of checksOf(session, index)) checks.push(check);
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
  const { ES_PIPELINE, ERROR_INDEX } = session.settings;
  if (index !== undefined) {
    yield await checkIndex(session, 'index', index);
    yield await checkTarget(session, index);
    yield await checkPermission(session, 'permission', index);
  } else yield { name: 'index', ok: null, detail: 'its name depends on the topic, and SOURCE_TOPIC is not set' };
  if (ES_PIPELINE !== undefined) yield await checkPipeline(session, ES_PIPELINE);
  if (ERROR_INDEX !== undefined) yield await checkPermission(session, 'error destination', ERROR_INDEX);
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

async function checkIndex(session: Session, name: string, index: string): Promise<FunctionCheck> {
  const response = await trySend(session, { method: 'HEAD', path: `/${encodeURIComponent(index)}` });
  const status = response instanceof NoResponse ? undefined : response.status;
  if (status === 200) return { name, ok: true, detail: `${index} exists` };
  if (status !== 404) return { name, ok: null, detail: `cannot look whether ${index} exists (${status ?? 'no answer'})` };
  if (session.settings.CREATE_INDEX) return { name, ok: true, detail: `${index} does not exist and will be created` };
  return { name, ok: false, detail: `${index} does not exist`, fix: 'create it, or set CREATE_INDEX=true' };
}

/** Whether the account may write, as the server says without being written to: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/security-api-has-privileges.html */
async function checkPermission(session: Session, name: string, index: string): Promise<FunctionCheck> {
  const privileges = session.settings.CREATE_INDEX ? ['write', 'create_index'] : ['write'];
  const body = { index: [{ names: [index], privileges }] } satisfies estypes.SecurityHasPrivilegesRequest;
  const response = await trySend(session, { method: 'POST', path: '/_security/user/_has_privileges', body });
  if (response instanceof NoResponse) return { name, ok: null, detail: `no answer: ${redact(response.message, session.settings)}` };
  const { has_all_requested: hasAll } = unverified<estypes.SecurityHasPrivilegesResponse>(response.json);
  if (response.status !== 200 || typeof hasAll !== 'boolean')
    return { name, ok: null, detail: `the server cannot be asked (status ${response.status})` };
  if (hasAll) return { name, ok: true, detail: `${privileges.join(' and ')} on ${index}` };
  return {
    name,
    ok: false,
    detail: `not all of ${privileges.join(' and ')} on ${index}`,
    fix: `give the account ${privileges.join(' and ')} on ${index}`,
  };
}

async function checkPipeline(session: Session, pipeline: NonNullable<Settings['ES_PIPELINE']>): Promise<FunctionCheck> {
  const name = 'pipeline';
  const response = await trySend(session, { method: 'GET', path: `/_ingest/pipeline/${encodeURIComponent(pipeline)}` });
  const status = response instanceof NoResponse ? undefined : response.status;
  if (status === 200) return { name, ok: true, detail: `${pipeline} exists` };
  if (status !== 404) return { name, ok: null, detail: `cannot look whether ${pipeline} exists (${status ?? 'no answer'})` };
  return { name, ok: false, detail: `${pipeline} does not exist`, fix: 'create it, or correct ES_PIPELINE' };
}
