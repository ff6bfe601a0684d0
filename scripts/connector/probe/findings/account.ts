import { CloudFailure } from '../../cloud/call.ts';
import { type Generation, generations } from '../../cloud/function-compute/function-compute.ts';
import type { Finding } from '../finding.ts';
import { probePrefix } from '../run-names.ts';
import type { Workbench } from '../workbench.ts';

const knownEditions = ['normal', 'professional', 'professionalForHighRead'];
const pageSize = 100;
/** The page size that the API has when none is given. */
const standardPageSize = 10;

/** What is looked up, without making anything. */
export const accountFindings: readonly Finding[] = [
  {
    name: 'generations',
    question: 'Which generations of Function Compute does the account have, and how is a call of one that it has not refused?',
    assumed: 'each call succeeds, or is refused in a way that waiting does not help',
    how: 'lists the functions of each generation',
    otherwise: 'a command that looks at both generations would fail, or try again for long, where the account has one',
    measure: async ({ cloud }) => {
      const answers = await Promise.all(generations.map((generation) => answerOf(cloud, generation)));
      return { found: answers.map(({ text }) => text).join('; '), holds: answers.every(({ isClear }) => isClear) };
    },
  },
  {
    name: 'zones',
    question: 'Does `availableAZs` name the zones of the vSwitches that are used?',
    assumed: 'it holds those of Kafka and of Elasticsearch',
    how: 'GetAccountSettings of 2.0, and DescribeVSwitchAttributes',
    otherwise: 'deploy refuses the vSwitch; where it is usable all the same, the check is wrong',
    measure: async (workbench) => {
      const zones = await workbench.cloud.functionCompute2.zones();
      const used = await zonesInUse(workbench);
      const missing = used.filter(({ zone }) => !zones.includes(zone)).map(({ of }) => of);
      const named = missing.length === 0 ? 'all in use are among them' : `those of ${missing.join(' and ')} are not among them`;
      return { found: `${zones.length} zones, ${named}`, holds: missing.length === 0 };
    },
  },
  {
    name: 'edition',
    question: 'What is `SpecType` of the Kafka instance?',
    assumed: knownEditions.join(', '),
    how: 'GetInstanceList',
    otherwise: 'an edition without a name here, such as a serverless one, is taken for one that can have Local topics',
    measure: async (workbench) => {
      const { edition } = await workbench.things.kafka();
      return { found: edition === '' ? 'not told' : edition, holds: knownEditions.includes(edition) };
    },
  },
  {
    name: 'topic-page',
    question: `Does GetTopicList give ${pageSize} topics a page?`,
    assumed: 'yes',
    how: `asks for a first page of ${pageSize}`,
    otherwise: 'topics would be read in more pages than needed, or none of a page that is refused',
    measure: async ({ cloud, props }) => {
      const { rows, total } = await cloud.kafka.topicPage(props.kafka.instanceId, pageSize);
      const found = `${rows} of ${total} topics`;
      if (total <= standardPageSize) return { found: `${found}; too few to tell`, holds: null };
      return { found, holds: rows === Math.min(total, pageSize) };
    },
  },
  {
    name: 'whitelist',
    question: 'In which form does DescribeInstance tell the private whitelist of Elasticsearch?',
    assumed: 'as `privateNetworkIpWhiteList`, as groups of `PRIVATE_ES`, or both',
    how: 'DescribeInstance; changes nothing',
    otherwise: 'deploy cannot tell whether the function is let in, and says so',
    measure: async ({ cloud, props }) => {
      const { instanceId } = props.elasticsearch;
      if (instanceId === undefined) return { found: 'elasticsearch.instanceId is not set', holds: null };
      const { groups, hasList } = await cloud.elasticsearch.whitelistForms(instanceId);
      const kinds = [...new Set(groups)].join(', ');
      const found = `list: ${hasList ? 'yes' : 'no'}; groups: ${groups.length === 0 ? 'none' : `${groups.length} of ${kinds}`}`;
      return { found, holds: hasList || groups.includes('PRIVATE_ES') };
    },
  },
];

async function answerOf(cloud: Workbench['cloud'], generation: Generation) {
  try {
    await cloud.functionCompute(generation).list(probePrefix);
    return { text: `${generation}: yes`, isClear: true };
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    return { text: `${generation}: no, ${error.code || 'no code'}`, isClear: error.isRefusal };
  }
}

async function zonesInUse(workbench: Workbench): Promise<{ readonly of: string; readonly zone: string }[]> {
  const { cloud, props } = workbench;
  const { instanceId } = props.elasticsearch;
  const kafka = await workbench.things.kafka();
  const elasticsearch = instanceId === undefined ? undefined : await cloud.elasticsearch.instance(instanceId);
  const switches = [
    { of: 'Kafka', vSwitchId: kafka.vSwitchId },
    ...(elasticsearch ? [{ of: 'Elasticsearch', vSwitchId: elasticsearch.vSwitchId }] : []),
  ];
  return Promise.all(switches.map(async ({ of, vSwitchId }) => ({ of, zone: (await cloud.vpc.vSwitch(vSwitchId))?.zoneId ?? '' })));
}
