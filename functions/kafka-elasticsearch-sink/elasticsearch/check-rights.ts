import type { estypes } from '@elastic/elasticsearch';
import type { FunctionCheck } from '../../../shared/commands.ts';
import type { Settings } from '../../../shared/settings.ts';
import { NoResponse, type Request, type Response } from './client.ts';
import { unverified } from './unverified.ts';

/** A privilege of x-pack on an index: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/security-privileges.html */
export interface Need {
  readonly privilege: string;
  /** What follows where the account has it not. */
  readonly without: string;
  /** Whether records then cannot be delivered; otherwise something else cannot be done. */
  readonly isVital: boolean;
}

type Ask = (request: Request) => Promise<Response | NoResponse>;

/** What these settings need of the index; `mayBeMissing`: it, or another that its name's pattern makes later, has yet to be created. */
export function needsOfIndex({ CREATE_INDEX, NULL_VALUE, WRITE_MODE }: Settings, mayBeMissing: boolean): Need[] {
  const write =
    WRITE_MODE === 'create'
      ? { privilege: 'create_doc', without: 'no record can be written' }
      : { privilege: 'index', without: `no record can be written with WRITE_MODE=${WRITE_MODE}` };
  return [
    { ...write, isVital: true },
    ...(NULL_VALUE === 'delete' ? [deletion] : []),
    ...(CREATE_INDEX ? [creation(mayBeMissing)] : []),
    sight,
    { privilege: 'read', without: '`s message`, `s audit` and `s replay` cannot look for documents', isVital: false },
  ];
}

/** What the index needs that rejected records go to. */
export function needsOfErrorIndex(isMissing: boolean): Need[] {
  return [
    { privilege: 'index', without: 'no rejected record can be handed over, and its batch fails', isVital: true },
    creation(isMissing),
  ];
}

const deletion = { privilege: 'delete', without: 'a record without value fails its batch, with NULL_VALUE=delete', isVital: true };
const sight = {
  privilege: 'view_index_metadata',
  without: 'the function cannot see whether the index is there, does not notice when it vanishes, and warns of that',
  isVital: false,
};

function creation(isVital: boolean): Need {
  const without = isVital ? 'an index that is missing cannot be made' : 'where the index is missing, or vanishes, it cannot be made';
  return { privilege: 'create_index', without, isVital };
}

/** Asks which of the privileges the account has, as the server says without being written to: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/security-api-has-privileges.html */
export async function checkRights(ask: Ask, name: string, index: string, needs: readonly Need[]): Promise<FunctionCheck[]> {
  const privileges = needs.map(({ privilege }) => privilege);
  const body = { index: [{ names: [index], privileges }] } satisfies { index: estypes.SecurityHasPrivilegesRequest['index'] };
  const response = await ask({ method: 'POST', path: hasPrivileges, body });
  const held = heldIn(response, index);
  if (!held || privileges.some((privilege) => typeof held[privilege] !== 'boolean')) return [await untold(ask, name, response)];
  const missing = needs.filter(({ privilege }) => held[privilege] === false);
  const had = privileges.filter((privilege) => held[privilege]).join(', ');
  return [
    ...(had === '' ? [] : [{ name, ok: true, detail: `${had} on ${index}` }]),
    ...missing.map((need) => describeMissing(name, index, need)),
  ];
}

const hasPrivileges = '/_security/user/_has_privileges';

function heldIn(response: Response | NoResponse, index: string) {
  if (response instanceof NoResponse || response.status !== 200) return undefined;
  const { index: indices } = unverified<estypes.SecurityHasPrivilegesResponse>(response.json);
  return unverified(unverified(indices)[index]);
}

function describeMissing(name: string, index: string, { privilege, without, isVital }: Need): FunctionCheck {
  const fix = `give the account the privilege \`${privilege}\` on ${index}`;
  return { name, ok: isVital ? false : null, detail: `no ${privilege} on ${index}: ${without}`, fix };
}

/** The check of a server that does not tell privileges: that of Search Guard, Open Distro or OpenSearch tells the account's roles alone. */
async function untold(ask: Ask, name: string, response: Response | NoResponse): Promise<FunctionCheck> {
  const reason = response instanceof NoResponse ? 'no answer' : `status ${response.status}`;
  const roles = response instanceof NoResponse ? undefined : await rolesOf(ask);
  const told =
    roles === undefined ? `nor does ${rolePaths.join(', ')} tell the roles` : `the roles of the account are ${roles.join(', ') || 'none'}`;
  return { name, ok: null, detail: `the server does not tell privileges (${hasPrivileges}: ${reason}); ${told}` };
}

const rolePaths = ['/_searchguard/authinfo', '/_plugins/_security/authinfo', '/_opendistro/_security/authinfo'];

async function rolesOf(ask: Ask): Promise<string[] | undefined> {
  for (const path of rolePaths) {
    const response = await ask({ method: 'GET', path });
    if (response instanceof NoResponse || response.status !== 200) continue;
    const { roles, sg_roles } = unverified<{ roles: unknown; sg_roles: unknown }>(response.json);
    const found = sg_roles ?? roles;
    if (Array.isArray(found)) return found.filter((role) => typeof role === 'string' && /^[\w.-]{1,100}$/.test(role));
  }
  return undefined;
}
