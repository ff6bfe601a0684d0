import { brokersOf, errorDestinationOf } from '../../config/brokers.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';

/** Where the function's network interfaces would be. */
export function networkChecks({ props, survey }: CheckContext): Check[] {
  const title = 'Network of the function';
  const { vpcId, vSwitchIds, vSwitches, securityGroup } = survey.network;
  if (vpcId === undefined) {
    if (props.elasticsearch.instanceId !== undefined) return [];
    return [
      failed(title, 'is not known without elasticsearch.instanceId', 'Set function.vpcConfig to {vpcId, vSwitchIds, securityGroupId}.'),
    ];
  }
  const faults = vSwitchIds.flatMap((vSwitchId, number) => {
    const vSwitch = vSwitches[number];
    if (!vSwitch) return [`${vSwitchId} does not exist`];
    if (vSwitch.vpcId !== vpcId) return [`${vSwitchId} is not in ${vpcId}`];
    if (survey.zones && !survey.zones.includes(vSwitch.zoneId))
      return [`${vSwitchId} is in ${vSwitch.zoneId}, where Function Compute has no network; it has in ${survey.zones.join(', ')}`];
    return [];
  });
  const isGiven = typeof props.function.vpcConfig === 'object';
  if (isGiven && securityGroup?.vpcId !== vpcId) faults.push(`the security group is not in ${vpcId}`);
  if (faults.length > 0) return [failed(title, faults.join('; '), 'Set function.vpcConfig to a vSwitch of that VPC in such a zone.')];
  return [passed(title, `${vSwitchIds.join(', ')} in ${vpcId}`)];
}

/** Which of the ways to brokers the function has, and what follows for rejected records. */
export function brokerChecks({ names, props, survey }: CheckContext): Check[] {
  const brokers = brokersOf(props, survey);
  const title = 'Brokers from the function';
  const protocol = props.kafka.securityProtocol ?? 'PLAINTEXT';
  const missing =
    survey.kafka?.vpcId === survey.network.vpcId
      ? `the instance has no endpoint for ${protocol}`
      : `${survey.kafka?.vpcId} is another VPC, and kafka.bootstrapServers names no address that a route leads to`;
  const destination = errorDestinationOf(props, brokers);
  const place = destination === 'index' ? `index ${names.errorIndex}` : `topic ${names.errorDataTopic}`;
  const isElsewhere = destination === 'index' && props.kafka.errorDataTopic !== undefined;
  return [
    brokers === undefined
      ? noticed(title, `${missing}: test messages, audit and replay need them; delivery does not`)
      : passed(title, `${brokers}, ${protocol}`),
    isElsewhere
      ? noticed('Rejected records', `go to ${place}, not to kafka.errorDataTopic: the function reaches no broker`)
      : passed('Rejected records', `go to ${place}`),
  ];
}
