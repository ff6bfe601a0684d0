import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { KafkaInstance } from '../../../scripts/connector/cloud/kafka.ts';
import { runCommand as run } from '../../../scripts/connector/component.ts';
import { credentialOf } from '../../../scripts/demo/credential.ts';
import type { TestCloud } from './local-cloud.ts';

/** Properties of s.yaml, as far as a test gives them. */
export interface TestProps {
  readonly name?: string;
  readonly onFailure?: string;
  readonly function?: object;
  readonly kafka?: object;
  readonly elasticsearch?: object;
  readonly [name: string]: unknown;
}

/** A step as `-o json` prints it. */
interface PrintedStep {
  readonly action: string;
  readonly kind: string;
  readonly name: string;
  readonly changes?: readonly { readonly field: string; readonly before?: unknown; readonly after?: unknown }[];
}

/** What a command gave, and all that it printed on the way. */
export interface Run {
  readonly steps: readonly PrintedStep[];
  readonly checks: readonly { readonly title: string; readonly ok: boolean | null; readonly detail: string }[];
  readonly printed: string;
  readonly error: string | undefined;
}

/** A Kafka instance as the cloud tells of it. */
export const kafkaInstance: KafkaInstance = {
  instanceId: 'alikafka_pre-cn-local0000001',
  name: 'k',
  isRunning: true,
  edition: 'professional',
  vpcId: 'vpc-1',
  vSwitchId: 'vsw-1',
  securityGroupId: 'sg-1',
  retentionHours: 72,
  offsetRetentionHours: 168,
  version: '2.6.2',
  endpoints: { plaintext: 'b:9092', sasl: undefined, ssl: undefined },
};

/** Properties on the local cloud's instances. */
export function propsFor(topic: string, changes: TestProps = {}): TestProps {
  return {
    ...changes,
    kafka: { instanceId: 'alikafka_pre-cn-local0000001', topic, ...changes.kafka },
    elasticsearch: { instanceId: 'es-cn-local000000001', password: 'none', index: topic, ...changes.elasticsearch },
  };
}

/** Runs a command of the component in this process, as Serverless Devs would call it, against a local cloud. */
export async function runCommand(
  cloud: Pick<TestCloud, 'account' | 'endpoint'>,
  props: object,
  command: string,
  ...args: string[]
): Promise<Run> {
  return runForPeople(cloud, props, command, '-o', 'json', ...args);
}

/** Runs a command as it is typed; what it prints is for people unless the arguments say otherwise. */
export async function runForPeople(
  cloud: Pick<TestCloud, 'account' | 'endpoint'>,
  props: object,
  command: string,
  ...args: string[]
): Promise<Run> {
  const output = capture();
  vi.stubEnv('CLOUD_ENDPOINT', cloud.endpoint);
  try {
    const value: unknown = await run(command, {
      props,
      args,
      getCredential: async () => credentialOf(cloud.account),
    });
    const printed = `${output.stop()}${value === undefined ? '' : JSON.stringify(value)}`;
    const { steps = [], checks = [] } = (value ?? {}) as Partial<Run>;
    return { steps, checks, printed, error: undefined };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { steps: [], checks: [], printed: `${output.stop()}${message}`, error: message };
  } finally {
    vi.unstubAllEnvs();
  }
}

function capture(): { stop(): string } {
  const texts: string[] = [];
  const take = (text: string | Uint8Array) => {
    texts.push(String(text));
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(take));
  return {
    stop: () => {
      for (const spy of spies) spy.mockRestore();
      return texts.join('');
    },
  };
}

/** Names of the steps that would change something, as `create topic x`. */
export function changesOf({ steps }: Run): string[] {
  return steps.filter(({ action }) => action !== 'keep').map(({ action, kind, name }) => `${action} ${kind} ${name}`);
}

/** The cloud's tables, but for the log's lines: what a plan must not touch. */
export async function stateOf({ stateFolder }: TestCloud): Promise<{ readonly [file: string]: string }> {
  const files = (await readdir(stateFolder)).filter((file) => file.endsWith('.json'));
  const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(stateFolder, file), 'utf8')] as const));
  return Object.fromEntries(texts);
}
