import { expect, test } from 'vitest';
import { notReturned } from '../../../../scripts/connector/cloud/json.ts';
import { describeSteps } from '../../../../scripts/connector/deployment/describe.ts';
import { makePlan, makeRemoval } from '../../../../scripts/connector/deployment/plan.ts';
import type { Resource } from '../../../../scripts/connector/deployment/resources/all-resources.ts';
import { Secret } from '../../../../shared/secret.ts';

const fc: Resource & { kind: 'function' } = {
  kind: 'function',
  name: 'elasticsearch-sink',
  description: 'kafka-elasticsearch-sink 0.1.0',
  runtime: 'nodejs20',
  handler: 'index.handler',
  initializer: 'index.initialize',
  initializationTimeout: 60,
  instanceLifecycleConfig: { preStop: { handler: 'index.preStop', timeout: 10 } },
  timeout: 60,
  memorySize: 512,
  environmentVariables: { ES_INDEX: 'orders', ES_PASSWORD: new Secret('canary') },
  codeChecksum: '1',
};
const trigger: Resource & { kind: 'trigger' } = {
  kind: 'trigger',
  name: 'kafka',
  enabled: true,
  source: { RegionId: 'r', InstanceId: 'i', Topic: 'orders', ConsumerGroup: 'connect-a', OffsetReset: 'earliest', Network: 'Default' },
  eventSchema: 'CloudEvents',
  runOptions: {
    mode: 'event-streaming',
    maximumTasks: 6,
    errorsTolerance: 'ALL',
    retryStrategy: { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' },
    batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 1 },
  },
};
const group: Resource = { kind: 'consumer group', name: 'connect-a' };
const topic: Resource = { kind: 'topic', name: 'connect-error-a', partitions: 6, storage: 'cloud', compact: false };

test('what is missing is created, what differs is changed with old and new values, secrets are stars', () => {
  const changed = {
    ...fc,
    memorySize: 256,
    codeChecksum: '2',
    environmentVariables: { ...fc.environmentVariables, ES_PASSWORD: new Secret('old') },
  };
  const elsewhere = { ...trigger, source: { ...trigger.source, Topic: 'others' } };
  expect(describeSteps(makePlan([group, topic, fc, trigger], [group, changed, elsewhere]))).toBe(`  = consumer group connect-a
  + topic connect-error-a
      partitions: 6
      storage: cloud
      compact: false
  ~ function elasticsearch-sink
      memorySize: 256 → 512
      environmentVariables.ES_PASSWORD: *** → ***
      code: changed, uploaded
  ± trigger kafka
      source.Topic: others → orders

  1 to create, 1 to change, 1 to replace, 1 to keep`);
});

test('what is as desired is kept, a topic as it was found', () => {
  const wider: Resource = { ...topic, partitions: 12 };
  const plan = makePlan([topic, fc, trigger], [wider, { ...fc, environmentVariables: { ...fc.environmentVariables } }, trigger]);
  expect(plan.map(({ action }) => action)).toEqual(['keep', 'keep', 'keep']);
});

test('what only the cloud has is named as a field that goes', () => {
  const [step] = makePlan([fc], [{ ...fc, environmentVariables: { ...fc.environmentVariables, LOG_LEVEL: 'debug' } }]);
  expect(step).toMatchObject({
    action: 'change',
    changes: [{ field: 'environmentVariables.LOG_LEVEL', before: 'debug', after: undefined }],
  });
});

test('what the cloud does not return is no difference, whatever its type', () => {
  const silent = { ...fc, initializer: notReturned, timeout: Number.NaN, memorySize: 256 };
  const [step, other] = makePlan(
    [fc, trigger],
    [silent, { ...trigger, eventSchema: notReturned, runOptions: { ...trigger.runOptions, maximumTasks: Number.NaN } }],
  );
  expect(step?.changes.map(({ field }) => field)).toEqual(['memorySize']);
  expect(other?.action).toBe('keep');
});

test('a removal takes the last made first', () => {
  expect(makeRemoval([group, fc, trigger]).map(({ action, resource }) => `${action} ${resource.kind}`)).toEqual([
    'delete trigger',
    'delete function',
    'delete consumer group',
  ]);
});
