import { AlibabaCloud } from '../../../scripts/connector/cloud/alibaba-cloud.ts';
import type { Generation } from '../../../scripts/connector/cloud/function-compute/function-compute.ts';
import type { Context } from '../../../scripts/connector/config/context.ts';
import { readProps } from '../../../scripts/connector/config/props.ts';
import { allFindings } from '../../../scripts/connector/probe/findings/all-findings.ts';
import type { Limits } from '../../../scripts/connector/probe/limits.ts';
import { runProbe } from '../../../scripts/connector/probe/probe.ts';
import type { ProbeReport, ReportedFinding } from '../../../scripts/connector/probe/report.ts';
import { type Clock, systemClock } from '../../../scripts/local/stream/clock.ts';
import { Secret } from '../../../shared/secret.ts';
import type { TestCloud } from './local-cloud.ts';
import { propsFor, type TestProps } from './run-command.ts';

/** Long enough for what comes on this machine, and short for what never does. */
const limits: Limits = { stream: 60, delivery: 60, retry: 20, other: 60, slowPush: 1.5, settle: 0, poll: 0.2 };
const hurry = 20;

/** A clock that is so much faster than the machine's: retries take a minute. */
export const hurriedClock: Clock = {
  now: () => systemClock.now() * hurry,
  sleep: (ms, signal) => systemClock.sleep(ms / hurry, signal),
};

/** How a test probes. */
interface ProbeTest {
  readonly api?: Generation;
  readonly props?: TestProps;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

function contextOf(cloud: TestCloud, topic: string, changes: TestProps = {}): Context {
  const [key = { accessKeyId: '', accessKeySecret: '' }] = cloud.account.accessKeys;
  const { accountId, region } = cloud.account;
  const access = {
    accountId,
    region,
    accessKeyId: key.accessKeyId,
    accessKeySecret: new Secret(key.accessKeySecret),
    securityToken: undefined,
  };
  return { props: readProps(propsFor(topic, changes)), cloud: new AlibabaCloud({ ...access, endpoint: new URL(cloud.endpoint) }) };
}

/** Probes a local cloud for the findings of these names. */
export async function probeFor(cloud: TestCloud, topic: string, names: readonly string[], test: ProbeTest = {}): Promise<ProbeReport> {
  return runProbe(contextOf(cloud, topic, test.props), {
    api: test.api ?? '2.0',
    findings: allFindings.filter(({ name }) => names.includes(name)),
    limits: { ...limits, ...test.limits },
    signal: test.signal ?? new AbortController().signal,
  });
}

/** The finding of that name, of a report that has one. */
export function findingOf({ findings }: ProbeReport, name: string): ReportedFinding {
  const finding = findings.find((one) => one.name === name);
  if (!finding) throw new Error(`there is no finding ${name}`);
  return finding;
}
