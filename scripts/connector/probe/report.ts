import type { Generation } from '../cloud/function-compute/function-compute.ts';

/** A finding as the report tells of it. */
export interface ReportedFinding {
  readonly name: string;
  readonly question: string;
  readonly how: string;
  readonly assumed: string;
  readonly found: string;
  /** Whether it is as assumed; null where that was not measured, or cannot be told. */
  readonly holds: boolean | null;
  readonly means: string;
  readonly tookMs: number;
}

/** All that a probe has found, fit to be shown to anybody. */
export interface ProbeReport {
  readonly region: string;
  readonly api: Generation;
  /** When the probe began. */
  readonly time: string;
  /** Of this package. */
  readonly version: string;
  readonly findings: readonly ReportedFinding[];
  /** What could not be removed, each with the reason. */
  readonly left: readonly string[];
}

/** Texts that a report must not hold, and what stands for each. */
export type Replacements = readonly (readonly [text: string, label: string])[];

/** What may be of the account wherever it comes from, such as messages of the cloud: resources and users, its number, hosts, addresses. */
const patterns: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/\bacs:[\w-]+:[^\s,;)'"]*/g, '<arn>'],
  [/\b\d{16}\b/g, '<account>'],
  [/\b[\w.-]+\.aliyuncs\.com\b(:\d+)?/g, '<host>'],
  [/\b\d{1,3}(\.\d{1,3}){3}\b([:/]\d+)?/g, '<address>'],
];

/** A value with its texts free of what concerns nobody else. */
export function withoutSecrets<Value>(value: Value, replacements: Replacements): Value {
  if (typeof value === 'string') return scrubbed(value, replacements) as Value;
  if (Array.isArray(value)) return value.map((part) => withoutSecrets(part, replacements)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutSecrets(part, replacements)])) as Value;
}

function scrubbed(text: string, replacements: Replacements): string {
  const replaced = replacements.reduce((rest, [secret, label]) => (secret === '' ? rest : rest.replaceAll(secret, label)), text);
  return patterns.reduce((rest, [pattern, label]) => rest.replace(pattern, label), replaced);
}

const marks = { true: 'holds', false: 'DIFFERS', null: 'open' } as const;

/** The report for people. */
export function describeReport({ api, findings, left, region, time, version }: ProbeReport): string {
  const rows = findings.flatMap(({ assumed, found, holds, how, means, name, question, tookMs }) => [
    `${name}: ${marks[`${holds}`]} (${(tookMs / 1000).toFixed(1)} s)`,
    `  question  ${question}`,
    `  how       ${how}`,
    `  assumed   ${assumed}`,
    `  found     ${found}`,
    `  means     ${means}`,
    '',
  ]);
  const counts = ([true, false, null] as const).map((value) => findings.filter(({ holds }) => holds === value).length);
  const [holding, differing, open] = counts;
  return [
    `Probe of ${region}, Function Compute ${api}, by version ${version}, ${time}`,
    '',
    ...rows,
    `${holding} hold, ${differing} differ, ${open} are open.`,
    left.length === 0 ? 'All that the probe made is removed.' : describeLeft(left),
    'Please send this report, which holds nothing of your account, in an issue of this package.',
  ].join('\n');
}

export function describeLeft(left: readonly string[]): string {
  return ['Not removed; `s probe --clean` tries again:', ...left.map((one) => `  ${one}`)].join('\n');
}
