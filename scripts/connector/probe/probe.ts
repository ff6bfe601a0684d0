import { packageVersion } from '../../bundle/version.ts';
import { Interrupted } from '../../terminal/interruption.ts';
import { runTask } from '../../terminal/tasks.ts';
import type { Generation } from '../cloud/function-compute/function-compute.ts';
import type { Context } from '../config/context.ts';
import type { Finding, Measured } from './finding.ts';
import type { Limits } from './limits.ts';
import { Pace } from './pace.ts';
import { removeRun } from './removal.ts';
import { type ProbeReport, type Replacements, type ReportedFinding, withoutSecrets } from './report.ts';
import { newRun } from './run-names.ts';
import { Workbench } from './workbench.ts';

/** What is measured, and where. */
export interface ProbeOptions {
  readonly api: Generation;
  readonly findings: readonly Finding[];
  readonly limits: Limits;
  /** Given to stop after what is under way, and clean up. */
  readonly signal: AbortSignal;
}

/** Measures one finding after the other, and removes all that was made for it, whatever happens; throws `Interrupted` after the clean-up, with what is left. */
export async function runProbe(context: Context, { api, findings, limits, signal }: ProbeOptions): Promise<ProbeReport> {
  const names = newRun();
  const workbench = new Workbench({ ...context, api, names }, new Pace(limits, signal));
  const time = new Date().toISOString();
  const reported: ReportedFinding[] = [];
  let left: readonly string[] = [];
  try {
    for (const finding of findings) {
      if (!signal.aborted) reported.push(await runTask(`${finding.name}: ${finding.question}`, () => measure(finding, workbench)));
    }
  } finally {
    if (workbench.things.hasMade)
      left = await runTask('Remove what the probe made', (report) =>
        removeRun(context, names, workbench.things.hasFunctions ? [api] : [], report),
      );
  }
  const report = { region: context.props.region, api, time, version: packageVersion, findings: reported, left };
  const shown = withoutSecrets(report, await replacementsOf(context));
  if (signal.aborted) throw new Interrupted(shown.left.length === 0 ? 'All that the probe made is removed.' : shown.left.join('\n'));
  return shown;
}

/** A finding that fails is told as such, and ends no other. */
async function measure(finding: Finding, workbench: Workbench): Promise<ReportedFinding> {
  const { assumed, how, name, otherwise, question } = finding;
  const started = performance.now();
  const { found, holds } = await finding.measure(workbench).catch((error: unknown): Measured => {
    return { found: `not measured: ${error instanceof Error ? error.message : String(error)}`, holds: null };
  });
  const means = meaningOf(found, holds, otherwise);
  return { name, question, how, assumed, found, holds, means, tookMs: Math.round(performance.now() - started) };
}

function meaningOf(found: string, holds: boolean | null, otherwise: string): string {
  if (holds === true) return 'as this package takes it to be';
  if (holds === false) return otherwise;
  return found.startsWith('not measured')
    ? `nothing can be said; otherwise than assumed would mean: ${otherwise}`
    : 'nothing has to change';
}

/** The ids and addresses of what the properties name. */
async function replacementsOf({ cloud, props }: Context): Promise<Replacements> {
  const { elasticsearch: target, kafka: source } = props;
  const [kafka, elasticsearch] = await Promise.all([
    cloud.kafka.instance(source.instanceId).catch(() => undefined),
    target.instanceId === undefined ? undefined : cloud.elasticsearch.instance(target.instanceId).catch(() => undefined),
  ]);
  const endpoints = Object.values(kafka?.endpoints ?? {}).flatMap((endpoint) => (endpoint ?? '').split(','));
  return [
    [cloud.access.accountId, '<account>'],
    [cloud.access.accessKeyId, '<access key>'],
    [source.instanceId, '<kafka instance>'],
    [target.instanceId ?? '', '<elasticsearch instance>'],
    [kafka?.securityGroupId ?? '', '<security group>'],
    ...[kafka, elasticsearch].flatMap((one) => [[one?.vpcId ?? '', '<vpc>'] as const, [one?.vSwitchId ?? '', '<vswitch>'] as const]),
    [elasticsearch?.domain ?? '', '<elasticsearch>'],
    ...endpoints.map((endpoint) => [endpoint, '<brokers>'] as const),
  ];
}
