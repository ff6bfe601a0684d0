import { execa } from 'execa';
import { type ElasticsearchServer, startElasticsearch } from '../../../scripts/local/servers/elasticsearch.ts';
import { password } from '../function/secrets.ts';
import { type Certificate, issue } from './certificates.ts';

/** What a user may do, in Search Guard's names: https://docs.search-guard.com/7.x-38/roles-permissions */
export interface Role {
  readonly cluster?: readonly string[];
  readonly indices?: { readonly [pattern: string]: readonly string[] };
}

export interface Roles {
  readonly [user: string]: Role;
}

interface SecuredOptions {
  /** Users beside `elastic`, who may do everything. */
  readonly roles: Roles;
  /** Serves HTTP by TLS, with this certificate and that of its authority; plain HTTP when undefined. */
  readonly certificate?: { readonly own: Certificate; readonly authority: Certificate };
}

/** The bcrypt hash of every user's password. */
const passwordHash = '$2y$04$KBCwKxOzLha2MUDgW0PjXeOWL5ouhcCnLUJayXYRB1G/l9PfCUfJm';

/** A real Elasticsearch with users, roles and TLS. */
export class SecuredServer implements AsyncDisposable {
  readonly #started: ElasticsearchServer;

  private constructor(started: ElasticsearchServer) {
    this.#started = started;
  }

  static async start({ roles, certificate }: SecuredOptions): Promise<SecuredServer> {
    const nodeAuthority = issue({ commonName: 'nodes', isAuthority: true });
    const node = issue({ commonName: 'node', issuer: nodeAuthority });
    const started = await startElasticsearch({
      distribution: '7.5.1-secured',
      protocol: certificate ? 'https' : 'http',
      settings: { ...tlsSettings('transport'), ...(certificate && tlsSettings('http')), 'searchguard.nodes_dn': 'CN=node' },
      files: {
        ...tlsFiles('transport', node, nodeAuthority),
        ...(certificate && tlsFiles('http', certificate.own, certificate.authority)),
        ...securityFiles(roles),
      },
      isReady,
    });
    return new SecuredServer(started);
  }

  get url(): string {
    return this.#started.url;
  }

  /** Replaces what the users may do; the server learns of it a moment later. */
  async setRoles(roles: Roles): Promise<void> {
    await this.#started.server.write('security/sg_roles.yml', rolesFile(roles));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.server.stop();
  }
}

function tlsSettings(layer: 'http' | 'transport') {
  const prefix = `searchguard.ssl.${layer}`;
  return {
    [`${prefix}.enabled`]: 'true',
    [`${prefix}.pemkey_filepath`]: `${layer}/server.key`,
    [`${prefix}.pemcert_filepath`]: `${layer}/server.pem`,
    [`${prefix}.pemtrustedcas_filepath`]: `${layer}/authority.pem`,
  };
}

function tlsFiles(layer: 'http' | 'transport', own: Certificate, authority: Certificate) {
  return {
    [`config/${layer}/server.key`]: own.key,
    // With its authority, which ES_CA_FINGERPRINT needs to be sent.
    [`config/${layer}/server.pem`]: own.pem + authority.pem,
    [`config/${layer}/authority.pem`]: authority.pem,
  };
}

/** Search Guard's configuration; JSON is YAML. */
function securityFiles(roles: Roles) {
  const users = ['elastic', ...Object.keys(roles)];
  const basic = {
    http_enabled: true,
    order: 0,
    http_authenticator: { type: 'basic', challenge: true },
    authentication_backend: { type: 'internal' },
  };
  const ofUsers = (entry: (user: string) => object) => Object.fromEntries(users.map((user) => [user, entry(user)]));
  return {
    'security/sg_config.yml': securityFile('config', { sg_config: { dynamic: { authc: { basic } } } }),
    'security/sg_internal_users.yml': securityFile(
      'internalusers',
      ofUsers(() => ({ hash: passwordHash })),
    ),
    'security/sg_roles.yml': rolesFile(roles),
    'security/sg_roles_mapping.yml': securityFile(
      'rolesmapping',
      ofUsers((user) => ({ users: [user] })),
    ),
    'security/sg_action_groups.yml': securityFile('actiongroups', {}),
    'security/sg_tenants.yml': securityFile('tenants', {}),
  };
}

function rolesFile(roles: Roles): string {
  const all: Roles = { ...roles, elastic: { cluster: ['*'], indices: { '*': ['*'] } } };
  const entries = Object.entries(all).map(([user, { cluster = [], indices = {} }]) => {
    const permissions = Object.entries(indices).map(([pattern, actions]) => ({ index_patterns: [pattern], allowed_actions: actions }));
    return [user, { cluster_permissions: cluster, index_permissions: permissions }];
  });
  return securityFile('roles', Object.fromEntries(entries));
}

function securityFile(type: string, content: object): string {
  return JSON.stringify({ _sg_meta: { type, config_version: 2 }, ...content });
}

/** Whether the node serves users; what its certificate is like does not matter to that. */
async function isReady(url: string): Promise<void> {
  await execa('curl', ['-fsk', '--max-time', '5', '-u', `elastic:${password}`, `${url}/_cluster/health?wait_for_status=yellow&timeout=1s`]);
}
