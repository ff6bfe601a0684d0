import { Secret } from '../../../shared/secret.ts';
import type { Access } from '../cloud/access.ts';
import { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import { readCloudEndpoint } from './cloud-endpoint.ts';
import { readProps } from './props.ts';
import type { Props } from './schema.ts';

/** What Serverless Devs hands to a command. */
export interface Inputs {
  readonly props: unknown;
  /** What was typed after the command. */
  readonly args: readonly string[];
  getCredential(): Promise<Credential>;
}

interface Credential {
  readonly AccountID?: string;
  readonly AccessKeyID?: string;
  readonly AccessKeySecret?: string;
  readonly SecurityToken?: string;
}

/** The properties, checked, and the cloud that they name. */
export interface Context {
  readonly props: Props;
  readonly cloud: AlibabaCloud;
}

/** Which cloud is meant, where it is not Alibaba Cloud; for programs, and for people. */
export function cloudOf({ access }: AlibabaCloud): { readonly cloud?: string } {
  return access.endpoint ? { cloud: access.endpoint.origin } : {};
}

/** Throws with every fault of the properties, or with what is wrong with the credentials. */
export async function openContext(inputs: Inputs): Promise<Context> {
  const props = readProps(inputs.props);
  return { props, cloud: new AlibabaCloud(await readAccess(inputs, props.region)) };
}

async function readAccess(inputs: Inputs, region: string): Promise<Access> {
  const { AccountID, AccessKeyID, AccessKeySecret, SecurityToken } = await inputs.getCredential().catch((error: unknown) => {
    throw noCredentials(error instanceof Error ? ` (${error.message})` : '');
  });
  if (!AccountID || !AccessKeyID || !AccessKeySecret) throw noCredentials('');
  return {
    accountId: AccountID,
    accessKeyId: AccessKeyID,
    accessKeySecret: new Secret(AccessKeySecret),
    securityToken: SecurityToken ? new Secret(SecurityToken) : undefined,
    region,
    endpoint: readCloudEndpoint(process.env),
  };
}

function noCredentials(detail: string): Error {
  return new Error(
    `There are no credentials${detail}. Add them with \`s config add\`, or set AccountID, AccessKeyID and AccessKeySecret in the environment.`,
  );
}
