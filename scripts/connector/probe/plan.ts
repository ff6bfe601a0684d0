import type { Generation } from '../cloud/function-compute/function-compute.ts';
import type { Finding } from './finding.ts';

/** The most that a probe of all findings uses; what that costs depends on region and edition, and is in the products' price lists. */
const upperBounds = [
  'Function Compute: 300 invocations and 300 GB-seconds, of two functions of 128 and 512 MB that are there for an hour at most',
  'EventBridge: one event stream, restarted up to 12 times, with 100 events, of which one is 300 KB',
  'ApsaraMQ for Kafka: two topics of 2 partitions and one group for an hour, 2 MB in and out; quota of the instance on a reserved one',
  'Log Service: one project with one store of one shard for an hour, 1 MB written, 200 reads',
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
    ...upperBounds.map((bound) => `  ${bound}`),
  ].join('\n');
}
