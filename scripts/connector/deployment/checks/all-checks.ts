import { maxEnvironmentBytes, revealSecrets } from '../../config/environment.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';
import { connectorChecks } from './connector.ts';
import { elasticsearchChecks } from './elasticsearch.ts';
import { generationChecks } from './generation.ts';
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
    ...generationChecks(context),
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

/** Default of `function.role`, which the console of Function Compute 2.0 makes. */
const defaultRole = 'AliyunFCDefaultRole';

function roleChecks({ props, survey }: CheckContext): Check[] {
  const { api, role } = props.function;
  const title = api === '2.0' ? 'Role of the service' : 'Role of the function';
  if (survey.functionRoleArn !== undefined) return [passed(title, survey.functionRoleArn)];
  if (api === '3.0' && role === defaultRole) return [passed(title, 'none: Function Compute acts by AliyunServiceRoleForFC')];
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
