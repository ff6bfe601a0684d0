// The target's fault, which a person must correct: it is thrown under its name, the others are written, and no record is handed over.
import { expect, inject, test } from 'vitest';
import { needs, serverUnderTest } from '../../../support/elasticsearch/server-under-test.ts';
import type { Variables } from '../../../support/function/built-function.ts';
import { policies } from '../../../support/function/policies.ts';
import { at, records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const content = { value: '{"text":"canary"}' };

/** Expects the fault's name under both policies, for one record and for several, and that nothing is handed over. */
async function expectThrown(sandbox: Sandbox, name: string, target: string, variables: Variables = {}): Promise<void> {
  for (const policy of policies) {
    const errors = `${sandbox.name}-errors-${policy}`;
    const settings = { ES_INDEX: target, ERROR_INDEX: errors, ON_FAILURE: policy, ...variables };
    const fn = await sandbox.start(settings, { timeout: 20 });
    for (const event of [[at(0, content)], [{ topic: 1 }, ...records(3, content)]]) {
      const outcome = await fn.invoke(...event);
      expect(outcome).toMatchObject({ errorType: name, errorMessage: expect.not.stringContaining('canary') });
      // Of the 18 s that there are to wait for what recovers.
      expect(outcome.tookMs).toBeLessThan(10_000);
    }
    // Made beforehand or not, it holds nothing.
    expect(await sandbox.ids(errors)).toEqual([]);
  }
}

test('a closed index is IndexUnavailable', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`);
  await sandbox.elasticsearch.indices.close({ index: sandbox.name });
  await expectThrown(sandbox, 'IndexUnavailable', sandbox.name);
});

test('a missing pipeline is IndexUnavailable, and once it is there the records are written', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const pipeline = `${sandbox.name}-pipeline`;
  await expectThrown(sandbox, 'IndexUnavailable', sandbox.name, { ES_PIPELINE: pipeline });
  await sandbox.put(`/_ingest/pipeline/${pipeline}`, { processors: [] });
  const fn = await sandbox.start({ ES_PIPELINE: pipeline });
  expect(await fn.deliver(...records(2))).toMatchObject({ written: 2 });
});

async function expectMissingPipelineThrown(setting: string): Promise<void> {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { settings: { [`index.${setting}`]: `${sandbox.name}-pipeline` } });
  await expectThrown(sandbox, 'IndexUnavailable', sandbox.name);
}

test("an index's missing default_pipeline is IndexUnavailable", () => expectMissingPipelineThrown('default_pipeline'));

test("an index's missing final_pipeline is IndexUnavailable", needs('final pipelines'), () =>
  expectMissingPipelineThrown('final_pipeline'),
);

test('a missing pipeline of one index keeps no record from another', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const [orders, payments, errors] = ['orders', 'payments', 'errors'].map((name) => `${sandbox.name}-${name}`);
  await sandbox.put(`/${orders}`, { settings: { 'index.default_pipeline': `${sandbox.name}-pipeline` } });
  const fn = await sandbox.start({ ES_INDEX: '${topic}', ERROR_INDEX: errors });
  const outcome = await fn.invoke(at(0, { topic: orders }), at(1, { topic: payments }), at(2, { topic: orders }));
  expect(outcome).toMatchObject({ errorType: 'IndexUnavailable', errorMessage: expect.stringContaining(`${orders}`) });
  expect(await sandbox.ids(payments)).toEqual([`${payments}+0+1`]);
  expect(await sandbox.ids(errors)).toEqual([]);
});

test('the others are written when one index is closed, and nothing is handed over', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  const errors = `${name}-errors`;
  await sandbox.put(`/${name}-closed`);
  await sandbox.elasticsearch.indices.close({ index: `${name}-closed` });
  const fn = await sandbox.start({ ES_INDEX: `${name}-\${topic}`, DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors });
  const to = (topic: string, offset: number, value: string) => at(offset, { topic, value });
  const { errorType } = await fn.invoke(to('open', 1, '{}'), to('closed', 2, '{}'), to('open', 3, 'bad'), to('open', 4, '{}'));
  expect(errorType).toBe('IndexUnavailable');
  expect(await sandbox.ids(`${name}-open`)).toEqual(['open+0+1', 'open+0+4']);
  expect(await sandbox.ids(errors)).toEqual([]);
});

test('an alias without a write index is IndexUnavailable, and once it has one the records are written', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { elasticsearch, name: alias } = sandbox;
  for (const number of [1, 2]) await sandbox.put(`/${alias}-${number}`, { aliases: { [alias]: {} } });
  await expectThrown(sandbox, 'IndexUnavailable', alias);
  await elasticsearch.indices.updateAliases({ actions: [{ add: { index: `${alias}-2`, alias, is_write_index: true } }] });
  const fn = await sandbox.start();
  expect(await fn.deliver(...records(2))).toMatchObject({ written: 2 });
  expect(await sandbox.ids(`${alias}-2`)).toHaveLength(2);
});

test('an alias whose only index is marked as not to be written to is IndexUnavailable', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}-1`, { aliases: { [sandbox.name]: { is_write_index: false } } });
  await expectThrown(sandbox, 'IndexUnavailable', sandbox.name);
});

test('a missing index that is not to be created is IndexMissing', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await expectThrown(sandbox, 'IndexMissing', sandbox.name, { CREATE_INDEX: 'false' });
  const fn = await sandbox.start({ CREATE_INDEX: 'false' });
  expect((await fn.invoke(at(0))).errorMessage).toContain(sandbox.name);
  expect(await sandbox.exists(sandbox.name)).toBe(false);
});

const shaped = { DOCUMENT_SHAPE: 'value' };

test('a pipeline that calls one that is missing is named, and no record is rejected', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, { processors: [{ pipeline: { name: 'tenant-x-custom' } }] });
  const fn = await sandbox.start({ ...shaped, ES_PIPELINE: sandbox.name, ERROR_INDEX: `${sandbox.name}-errors` });
  const { errorType, errorMessage } = await fn.invoke(...records(2));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('tenant-x-custom');
  expect(await sandbox.exists(`${sandbox.name}-errors`)).toBe(false);
});

test('pipelines that call each other are named', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const [one, other] = [`${sandbox.name}-1`, `${sandbox.name}-2`];
  await sandbox.put(`/_ingest/pipeline/${one}`, { processors: [{ pipeline: { name: other } }] });
  await sandbox.put(`/_ingest/pipeline/${other}`, { processors: [{ pipeline: { name: one } }] });
  const fn = await sandbox.start({ ...shaped, ES_PIPELINE: one });
  const { errorType, errorMessage } = await fn.invoke(at(0));
  expect(errorType).toBe('IndexUnavailable');
  // 7.0 names the one that closes the circle.
  expect(errorMessage).toContain(serverUnderTest.name === '7.0.1' ? other : one);
});
