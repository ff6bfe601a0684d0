import { openTarget } from '../context.ts';
import { readMark, servicePrefix } from '../names.ts';
import type { Command } from './command.ts';

export const list: Command = {
  summary: 'List the connectors of the region, those of the console too',
  options: {},
  run: async (inputs) => {
    const { cloud, props } = await openTarget(inputs);
    const services = await cloud.functionCompute.services(`${servicePrefix()}-`);
    const connectors = services.map(({ description, serviceName }) => {
      const mark = readMark(description);
      const connector = mark?.connector ?? serviceName.replace(/^kafka-service-/, '').replace(/-[^-]*$/, '');
      return { connector, instanceId: mark?.instanceId ?? null, service: serviceName, madeBy: mark ? 'this package' : 'the console' };
    });
    connectors.sort((left, right) => left.connector.localeCompare(right.connector) || left.service.localeCompare(right.service));
    const lines = connectors.map(
      ({ connector, instanceId, madeBy, service }) => `${connector}  ${instanceId ?? '(unknown instance)'}  ${service}  ${madeBy}`,
    );
    return { value: { region: props.region, connectors }, text: lines.join('\n') || `There are no connectors in ${props.region}.` };
  },
};
