// What is measured of peers can tell one that does its work from one that does not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Contender } from '../../../scripts/bench/peers/contender.ts';
import { kafkajs } from '../../../scripts/bench/peers/kafkajs/contender.ts';
import { type Course, countLost, move } from '../../../scripts/bench/peers/move.ts';
import { project } from '../../../scripts/bench/peers/project/contender.ts';
import { openCounting } from '../../../scripts/bench/peers/target.ts';
import { packageFolder } from '../../../scripts/bundle/package.ts';
import { Topic } from '../../../scripts/demo/topic.ts';

const records = 2000;
/** So many that the topic's end is not reached before the second reading. */
const produced = 60_000;
const chunk = 2000;
const value = JSON.stringify({ order: 1, note: 'sent '.repeat(80) });
let course: Course;

beforeAll(async () => {
  const broker = inject('broker');
  const topic = await Topic.create(broker, `bench-${process.pid}`, 2);
  for (let first = 0; first < produced; first += chunk) await topic.send(Array.from({ length: chunk }, () => ({ value })));
  course = { folder: await mkdtemp(join(tmpdir(), 'bench-')), broker, topic, warmUpRecords: 100, records, produced, rounds: 1 };
});

afterAll(async () => {
  await course.topic[Symbol.asyncDispose]();
  await rm(course.folder, { recursive: true });
});

/** Commits whatever the server says, and gives every document the same id. */
const careless: Contender = {
  name: 'careless',
  lacks: [],
  find: async () => ({
    version: '1',
    prepare: async (job) => ({ file: process.execPath, args: ['-e', carelessProgram, JSON.stringify(job)] }),
  }),
};
const carelessProgram = `
  const { broker, topic, group, url } = JSON.parse(process.argv[1]);
  const consumer = new (require('kafkajs').Kafka)({ brokers: [broker] }).consumer({ groupId: group });
  const post = (body) => fetch(url + '/_bulk', { method: 'POST', body });
  const eachBatch = ({ batch }) => post(batch.messages.map(({ value }) => '{"index":{"_id":"1"}}\\n' + value + '\\n').join(''));
  consumer.connect().then(() => consumer.subscribe({ topic, fromBeginning: true })).then(() => consumer.run({ eachBatch }));
`;

async function entrantOf(contender: Contender) {
  const found = await contender.find(course.folder);
  if ('install' in found) throw new Error(found.install);
  return { ...found, contender };
}

const onLinux = test.runIf(process.platform === 'linux');

onLinux('this project moves the topic, its function is told apart, and nothing is committed that was refused', async () => {
  const entrant = await entrantOf(project(packageFolder, 'value'));
  await using target = await openCounting();
  const { cpu = 0, functionCpu = 0, recordsPerSecond } = await move(entrant, course, target);
  expect(functionCpu).toBeGreaterThan(0);
  expect(functionCpu).toBeLessThan(cpu);
  expect(recordsPerSecond).toBeGreaterThan(0);
  expect(await countLost(entrant, course)).toBe(0);
});

onLinux('kafkajs with the bulk helper moves the topic, every record under an id of its own', async () => {
  await using target = await openCounting();
  const { cpu, functionCpu } = await move(await entrantOf(kafkajs), course, target);
  expect(cpu).toBeGreaterThan(0);
  expect(functionCpu).toBeUndefined();
  const { documents, records: taken } = await target.count();
  expect(documents).toBe(taken);
});

onLinux('a contender that commits what was refused, or uses ids twice, is found out', async () => {
  const entrant = await entrantOf(careless);
  expect(await countLost(entrant, course)).toBeGreaterThan(0);
  await using target = await openCounting();
  await expect(move(entrant, course, target)).rejects.toThrow(/^\d+ operations have 1 different ids$/);
});

onLinux('a contender that ends is told at once, with what it said', async () => {
  const broken: Contender = {
    ...careless,
    find: async () => ({ version: '1', prepare: async () => ({ file: process.execPath, args: ['-e', 'throw new Error("no broker")'] }) }),
  };
  await using target = await openCounting();
  await expect(move(await entrantOf(broken), course, target)).rejects.toThrow(/it ended with code 1: [\s\S]*no broker/);
});
