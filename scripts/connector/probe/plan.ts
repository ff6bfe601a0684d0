import type { Generation } from '../cloud/function-compute/function-compute.ts';
import type { Finding } from './finding.ts';

/** The most that a probe of all findings uses, retries of the cloud's own included. */
export const upperBounds = { invocations: 300, gbSeconds: 500, events: 200, logBytes: 1_000_000 } as const;

/** What it costs depends on region and edition, and stands in the products' price lists. */
const billed = [
  `Function Compute: ${upperBounds.invocations} invocations and ${upperBounds.gbSeconds} GB-seconds, of two functions of 128 and 512 MB`,
  `EventBridge: one event stream for an hour, with ${upperBounds.events} events, of which one is 300 KB`,
  'ApsaraMQ for Kafka: two topics of 2 partitions and one group for an hour, 2 MB in and out; within the quota of a reserved instance',
  `Log Service: one project with one store of one shard for an hour, ${upperBounds.logBytes / 1_000_000} MB written`,
] as const;

/** What the probe is about to make and to use, for a person who decides. */
export function describeProbePlan(findings: readonly Finding[], api: Generation): string {
  return [
    `The probe measures ${findings.length} things on Function Compute ${api}: ${findings.map(({ name }) => name).join(', ')}.`,
    '',
    'As far as they need it, it makes, each with a name that begins with kafka-es-probe or kafka-sink-probe, and removes at the end, also after Ctrl-C:',
    `  2 topics, 1 consumer group, 1 log project, 1 security group, 2 functions${api === '2.0' ? ' in 2 services' : ''}, 1 trigger`,
    'Service-linked roles that are missing are made, and stay, as with `s deploy`. It reads and writes no topic and no index of yours.',
    '',
    'It takes 15 to 40 minutes for all findings. What is billed, at most:',
    ...billed.map((bound) => `  ${bound}`),
  ].join('\n');
}
