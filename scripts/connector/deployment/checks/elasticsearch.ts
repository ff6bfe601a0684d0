import type { Survey } from '../survey.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';

const oldestVersion = 7;

/** The instance, and whether it lets the function in. */
export function elasticsearchChecks({ props, survey }: CheckContext): Check[] {
  const title = 'Elasticsearch';
  const { instanceId, endpoint } = props.elasticsearch;
  if (instanceId === undefined) {
    if (endpoint !== undefined) return [noticed(title, `${endpoint}: without elasticsearch.instanceId nothing can be looked up`)];
    return [failed(title, 'neither instanceId nor endpoint is set', 'Set elasticsearch.instanceId.')];
  }
  const { elasticsearch } = survey;
  if (!elasticsearch)
    return [
      failed(
        title,
        `${instanceId} is not in ${props.region}`,
        'Correct elasticsearch.instanceId and region: instance and function are in one region.',
      ),
    ];
  if (elasticsearch.status !== 'active') {
    return [failed(title, `${instanceId} is ${elasticsearch.status}`, 'Wait until it is active.')];
  }
  const major = Number.parseInt(elasticsearch.version, 10);
  if (major < oldestVersion)
    return [failed(title, `${instanceId} has version ${elasticsearch.version}`, 'Use an instance of 7.0 or newer.')];
  return [
    passed(title, `${instanceId} is active, version ${elasticsearch.version}, ${elasticsearch.protocol}`),
    ...whitelistChecks(survey),
  ];
}

/** Networks of the function that Elasticsearch does not let in yet. */
export function missingFromWhitelist({ elasticsearch, network }: Survey): string[] {
  const whitelist = elasticsearch?.whitelist;
  if (!whitelist || network.vpcId !== elasticsearch.vpcId) return [];
  const networks = network.vSwitches.flatMap((vSwitch) => (vSwitch ? [vSwitch.cidrBlock] : []));
  return networks.filter((cidr) => !whitelist.some((entry) => holds(entry, cidr)));
}

function whitelistChecks(survey: Survey): Check[] {
  const title = 'Whitelist of Elasticsearch';
  const { elasticsearch, network } = survey;
  if (network.vpcId !== elasticsearch?.vpcId) {
    return [
      noticed(
        title,
        `the function is in ${network.vpcId}, Elasticsearch in ${elasticsearch?.vpcId}: a route between them, and its address here, are yours`,
      ),
    ];
  }
  const networks = network.vSwitches.map((vSwitch) => vSwitch?.cidrBlock).join(', ');
  if (!elasticsearch?.whitelist) return [noticed(title, `the instance does not tell it; ${networks} must be in it`)];
  const missing = missingFromWhitelist(survey);
  if (missing.length > 0) return [noticed(title, `${missing.join(', ')} is missing; the plan adds it`)];
  return [passed(title, `lets in ${networks}`)];
}

/** Whether every address of the second network is in the first; both as `a.b.c.d/bits` or an address. */
function holds(entry: string, cidr: string): boolean {
  const [outer, inner] = [range(entry), range(cidr)];
  return outer !== undefined && inner !== undefined && outer.first <= inner.first && inner.last <= outer.last;
}

function range(cidr: string): { readonly first: number; readonly last: number } | undefined {
  const [, address = '', bits = '32'] = /^(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?$/.exec(cidr) ?? [];
  if (address === '') return undefined;
  const size = 2 ** (32 - Number(bits));
  const number = address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}
