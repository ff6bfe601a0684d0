import type { Survey } from '../../../scripts/connector/deployment/survey.ts';
import { kafkaInstance } from './run-command.ts';

const vSwitch = { vSwitchId: 'vsw-1', vpcId: 'vpc-1', zoneId: 'z', cidrBlock: '192.168.1.0/24' };

/** What a survey finds where all is well and nothing is made yet, but for the changes. */
export function surveyWith(changes: Partial<Survey> = {}): Survey {
  return {
    zones: ['z'],
    roles: [],
    functionRoleArn: 'acs:ram::1:role/r',
    kafka: kafkaInstance,
    topics: [{ topic: 'orders', partitions: 12, storage: 'cloud', compact: false, remark: '' }],
    consumerGroup: undefined,
    sourceVSwitch: undefined,
    elasticsearch: {
      instanceId: 'es-cn-local000000001',
      status: 'active',
      version: '7.10_with_X-Pack',
      protocol: 'http',
      domain: 'es',
      port: 9200,
      vpcId: 'vpc-1',
      vSwitchId: 'vsw-1',
      whitelist: ['192.168.0.0/16'],
    },
    network: { vpcId: 'vpc-1', vSwitchIds: ['vsw-1'], vSwitches: [vSwitch], securityGroup: undefined },
    logs: { projectDescription: undefined, ttl: undefined, hasIndex: false },
    functions: [],
    own: undefined,
    former: undefined,
    unseen: undefined,
    namesakes: [],
    others: [],
    ...changes,
  };
}
