import { stoppable } from '../../terminal/interruption.ts';
import { note } from '../../terminal/output.ts';
import { runTask } from '../../terminal/tasks.ts';
import { type Generation, generations } from '../cloud/function-compute/function-compute.ts';
import { type Context, openContext } from '../config/context.ts';
import type { Finding } from '../probe/finding.ts';
import { allFindings } from '../probe/findings/all-findings.ts';
import { standardLimits } from '../probe/limits.ts';
import { describeProbePlan } from '../probe/plan.ts';
import { runProbe } from '../probe/probe.ts';
import { generationsOf, removeRun } from '../probe/removal.ts';
import { describeLeft, describeReport } from '../probe/report.ts';
import { beginOf, type RunNames, runsIn } from '../probe/run-names.ts';
import type { Command, Result } from './command.ts';
import { confirm } from './confirm.ts';

/** No probe runs as long as that: what one of then has left was left by an interruption. */
const staleMs = 3 * 60 * 60 * 1000;
const lastWords = 'left as it is; `s probe --clean` finds and removes what was made';

export const probe: Command = {
  summary: 'Measure on the account what no document confirms, with things of its own that it removes again',
  options: {
    api: { type: 'string', description: `generation of Function Compute: ${generations.join(' or ')}; default function.api of s.yaml` },
    only: { type: 'string', description: 'names of findings, separated by commas; default all' },
    clean: { type: 'boolean', description: 'only remove what interrupted probes have left' },
  },
  run: async (inputs, args) => {
    const api = readApi(args.values.api);
    const findings = readOnly(args.values.only);
    const context = await openContext(inputs);
    const runs = runsIn(await context.cloud.kafka.topics(context.props.kafka.instanceId));
    return args.values.clean === true
      ? clean(context, runs, args.assumesYes)
      : measure(context, runs, { api: api ?? context.props.function.api, findings }, args.assumesYes);
  },
};

/** What is to be measured, and in which generation of Function Compute. */
interface Wanted {
  readonly api: Generation;
  readonly findings: readonly Finding[];
}

async function measure(context: Context, runs: readonly RunNames[], { api, findings }: Wanted, assumesYes: boolean): Promise<Result> {
  const stale = runs.filter((run) => Date.now() - beginOf(run) > staleMs);
  note(`${describeProbePlan(findings, api)}\n${runs.map((run) => describeEarlier(run, stale)).join('')}`);
  await confirm('Begin?', 'Nothing was made.', assumesYes);
  for (const run of stale) await removeShown(context, run);
  const report = await stoppable(lastWords, (signal) => runProbe(context, { api, findings, limits: standardLimits, signal }));
  return { value: report, text: describeReport(report) };
}

async function clean(context: Context, runs: readonly RunNames[], assumesYes: boolean): Promise<Result> {
  if (runs.length === 0) return { value: { removed: [], left: [] }, text: 'No probe has left anything.' };
  note(runs.map((run) => describeEarlier(run, runs)).join(''));
  await confirm('Remove what they have left? A probe that is still running fails then.', 'Nothing was removed.', assumesYes);
  const left: string[] = [];
  for (const run of runs) left.push(...(await removeShown(context, run)));
  const removed = runs.map(({ topic }) => topic);
  return { value: { removed, left }, text: left.length === 0 ? `Removed all of ${removed.join(', ')}.` : describeLeft(left) };
}

async function removeShown(context: Context, run: RunNames): Promise<readonly string[]> {
  return runTask(`Remove what ${run.topic} has left`, async (report) => removeRun(context, run, await generationsOf(context), report));
}

function describeEarlier(run: RunNames, removed: readonly RunNames[]): string {
  const what = `\nA probe that began at ${new Date(beginOf(run)).toISOString()} has left ${run.topic} and what belongs to it`;
  return removed.includes(run) ? `${what}, which is removed first.\n` : `${what}, or is still running: \`s probe --clean\` removes it.\n`;
}

function readApi(text: unknown): Generation | undefined {
  if (text === undefined) return undefined;
  const api = generations.find((generation) => generation === text);
  if (api === undefined) throw new Error(`--api: '${text}' is not ${generations.join(' or ')}.`);
  return api;
}

function readOnly(text: unknown): readonly Finding[] {
  if (typeof text !== 'string') return allFindings;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !allFindings.some((finding) => finding.name === name));
  if (unknown.length > 0)
    throw new Error(`--only: ${unknown.join(', ')} is no finding; there are ${allFindings.map(({ name }) => name).join(', ')}.`);
  return allFindings.filter(({ name }) => names.includes(name));
}
