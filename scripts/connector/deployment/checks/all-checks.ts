import { maxEnvironmentBytes, revealSecrets } from '../../config/environment.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';
import { connectorChecks } from './connector.ts';
import { elasticsearchChecks } from './elasticsearch.ts';
import { kafkaChecks } from './kafka.ts';
import { brokerChecks, networkChecks } from './network.ts';
import { topicChecks } from './topics.ts';

/** All checks, each with what was found and, when it fails, what to do. */
export function checksOf(context: CheckContext): Check[] {
  return [
    ...settingsChecks(context),
    ...kafkaChecks(context),
    ...topicChecks(context),
    ...connectorChecks(context),
    ...elasticsearchChecks(context),
    ...networkChecks(context),
    ...brokerChecks(context),
    ...roleChecks(context),
    ...logChecks(context),
  ];
}

function settingsChecks({ environment, settingsFault }: CheckContext): Check[] {
  if (settingsFault !== undefined) return [failed('Settings of the function', settingsFault, 'Correct these properties in s.yaml.')];
  const bytes = Buffer.byteLength(JSON.stringify(revealSecrets(environment ?? {})));
  const title = 'Environment of the function';
  if (bytes <= maxEnvironmentBytes) return [passed(title, `${bytes} of ${maxEnvironmentBytes} bytes`)];
  return [
    failed(
      title,
      `${bytes} bytes; Function Compute takes ${maxEnvironmentBytes}`,
      'Shorten or leave out settings; a certificate may be a file.',
    ),
  ];
}

function roleChecks({ props, survey }: CheckContext): Check[] {
  const title = 'Role of the service';
  const { role } = props.function;
  if (survey.serviceRoleArn !== undefined) return [passed(title, survey.serviceRoleArn)];
  const fix =
    'Open the Function Compute console once, which makes AliyunFCDefaultRole, or set function.role to a role with network interface and log permissions.';
  return [failed(title, `${role} does not exist`, fix)];
}

/** A project of the user's own is never made, nor is anything in it. */
function logChecks({ names, props, survey }: CheckContext): Check[] {
  const title = 'Log store';
  const { hasIndex, projectDescription, ttl } = survey.logs;
  const { logProject: project, logstore } = names;
  if (typeof props.function.logConfig !== 'object') return [];
  const missing = projectDescription === undefined ? `project ${project}` : ttl === undefined ? `log store ${logstore} of ${project}` : '';
  if (missing !== '') return [failed(title, `${missing} does not exist`, 'Make it, or leave out function.logConfig.')];
  if (hasIndex) return [passed(title, `${logstore} of ${project}`)];
  return [noticed(title, `${logstore} of ${project} has no index: \`s logs\`, \`s info\` and \`s message\` find nothing in it`)];
}
