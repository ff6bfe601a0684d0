import { expect, test } from 'vitest';
import { Deadline } from '../../../../functions/kafka-elasticsearch-sink/clock.ts';
import type { Request, Response } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { NoResponse } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { RecentWrites } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/recent-writes.ts';
import { Targets } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/targets.ts';
import { readSettings } from '../../../../shared/settings.ts';
import { environment } from '../../../support/function/environment.ts';

const node = 'http://model';
const body = { mappings: { date_detection: false } };

/** Names as Elasticsearch knows them, each with the index that stands behind it, and a clock that goes only when it is told to. */
class World {
  readonly indices = new Map<string, string>();
  readonly requests: string[] = [];
  readonly warnings: string[] = [];
  now = 0;
  isDown = false;

  get session() {
    const clock = {
      now: () => this.now,
      sleep: async (ms: number) => {
        this.now += ms;
      },
      random: () => 0.5,
    };
    const settings = readSettings(environment({}));
    const deadline = new Deadline(clock, 60_000, 0);
    const log = (_: string, message: string) => this.warnings.push(message);
    return { client: this, settings, clock, deadline, handoverDeadline: deadline, log };
  }

  async send({ method, path }: Request): Promise<Response> {
    this.requests.push(`${method} ${path}`);
    this.now += 1;
    if (this.isDown) throw new NoResponse(node, 'reset');
    const [, name = ''] = path.split('/');
    const index = this.indices.get(name);
    if (path.startsWith('/_')) return { status: 200, json: path === '/_index_template' ? { index_templates: [] } : {}, node };
    if (method === 'PUT') this.indices.set(name, name);
    if (method === 'HEAD') return { status: index === undefined ? 404 : 200, json: undefined, node };
    if (path.includes('/_settings')) return { status: 200, json: index === undefined ? {} : { [index]: { settings: {} } }, node };
    return { status: 200, json: { acknowledged: true }, node };
  }

  made(): string[] {
    return this.requests.filter((request) => request.startsWith('PUT'));
  }
}

test('a name is looked at once, and again only when 30 seconds have passed', async () => {
  const world = new World();
  const target = new Targets(body, new RecentWrites());
  world.indices.set('logs', 'logs');
  await target.ensure(world.session, ['logs']);
  const looks = world.requests.length;
  world.now += 20_000;
  await target.lookAgain(world.session);
  await target.ensure(world.session, ['logs']);
  expect(world.requests).toHaveLength(looks);
  world.now += 20_000;
  await target.lookAgain(world.session);
  await target.ensure(world.session, ['logs']);
  expect(world.requests.slice(looks)).toContain('HEAD /logs');
});

test('an index that was deleted meanwhile is made again before records go out', async () => {
  const world = new World();
  const target = new Targets(body, new RecentWrites());
  await target.ensure(world.session, ['logs']);
  expect(world.made()).toEqual(['PUT /logs']);
  world.indices.delete('logs');
  world.now += 31_000;
  await target.lookAgain(world.session);
  expect(await target.ensure(world.session, ['logs'])).toEqual(new Map());
  expect(world.made()).toEqual(['PUT /logs', 'PUT /logs']);
});

test.each([
  ['an alias', 'logs-000001'],
  ['a data stream', '.ds-logs-000001'],
  ['a data stream', 'shrink-ab12-.ds-logs-000001'],
])('%s that has vanished is never made as an index', async (was, backing) => {
  const world = new World();
  const target = new Targets(body, new RecentWrites());
  world.indices.set('logs', backing);
  await target.ensure(world.session, ['logs']);
  world.indices.delete('logs');
  world.now += 31_000;
  await target.lookAgain(world.session);
  const obstacles = await target.ensure(world.session, ['logs']);
  expect(obstacles.get('logs')).toMatchObject({ failure: 'IndexMissing', reason: expect.stringContaining(was) });
  expect(world.made()).toEqual([]);
});

test('a server that cannot be asked for a moment changes nothing of what is known', async () => {
  const world = new World();
  const target = new Targets(body, new RecentWrites());
  world.indices.set('logs', 'logs');
  await target.ensure(world.session, ['logs']);
  world.isDown = true;
  world.now += 31_000;
  await target.lookAgain(world.session);
  expect(await target.ensure(world.session, ['logs'])).toEqual(new Map());
  expect(world.warnings).toEqual([]);
});

test('the first look has patience, since it decides about the mapping, but not for ever', async () => {
  const world = new World();
  const target = new Targets(body, new RecentWrites());
  world.isDown = true;
  const started = world.now;
  expect(await target.ensure(world.session, ['logs'])).toEqual(new Map());
  expect(world.now - started).toBeGreaterThan(20_000);
  expect(world.now - started).toBeLessThan(35_000);
  expect(world.warnings).toHaveLength(1);
});

test('a server that has not answered is asked again by the next invocation, before its first record', async () => {
  const world = new World();
  const target = new Targets(body, new RecentWrites());
  world.isDown = true;
  await target.ensure(world.session, ['logs']);
  world.isDown = false;
  await target.ensure(world.session, ['logs']);
  expect(world.made()).toEqual(['PUT /logs']);
});
