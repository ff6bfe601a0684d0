import { stat } from 'node:fs/promises';
import { reportProgress } from '../../terminal/report.ts';
import { type Bench, bareLoop, environmentFor, files, names, saveEvent, saveShape, sinkProgram } from '../bench.ts';
import { type Content, contents, type EventShape, type Form, forms, largestEvent } from '../events.ts';
import { measureCpu, measureFirstInvocations, measureMemoryGrowth, measureSize, measureStarts } from '../measure.ts';
import { memoryLimitMb } from '../process.ts';
import { shown, type Table } from '../report/table.ts';
import { StandIn } from '../stand-in.ts';
import { type Figures, ratio } from '../statistics.ts';
import { context, type Program } from '../worker.ts';

/** What was measured of the function, and of what it is measured against. */
export interface FunctionResult {
  /** CPU in µs a record. */
  readonly cpu: readonly Case[];
  /** The same, of the first invocations of an instance. */
  readonly first: readonly Case[];
  /** In ms. */
  readonly start: Figures;
  /** In bytes: what every start loads, and all that there is. */
  readonly size: { readonly loaded: number; readonly whole: number };
  /** In times of the event's size. */
  readonly memory: readonly Case[];
}

interface Case {
  readonly shape: EventShape;
  readonly figures: Figures;
}

const effort = { processes: 2, warmUpMs: 1500, rounds: 3 };
const usual = { valueSize: 667, records: 1000 };
const valueSizes = [100, usual.valueSize, 5000];
const eventSizes = [100, 10_000];
const firstInvocations = { invocations: 10, processes: 7 };
const starts = 15;
const idle = 'node -e 0';
const onePost = 'one POST';

/** Measures the function beside the bare loop, against a server that stores nothing; about two minutes on a quiet machine. */
export async function measureFunction(bench: Bench): Promise<FunctionResult> {
  await using standIn = await StandIn.start();
  const { url } = standIn;
  const programs = [sinkProgram(bench, url), bareLoop(url)];
  return {
    cpu: await measureShapes(bench, programs),
    first: await measureFirst(bench, programs),
    start: await measureColdStart(bench, url),
    size: { loaded: (await stat(sinkProgram(bench, url).file)).size, whole: await measureSize(bench.packageFolder) },
    memory: await measureMemory(bench, programs),
  };
}

/** An instance sees events of one topic: each form and content has processes of its own. */
async function measureShapes(bench: Bench, programs: readonly Program[]): Promise<Case[]> {
  const cases: Case[] = [];
  for (const form of forms) {
    for (const content of contents) {
      reportProgress(`CPU: ${form}, ${content}`);
      const shapes = shapesOf(form, content);
      const events = await Promise.all(shapes.map((shape) => saveShape(bench, shape)));
      const figures = await measureCpu(programs, events, effort);
      cases.push(...shapes.map((shape, index) => ({ shape, figures: figures[index] ?? {} })));
    }
  }
  return cases;
}

function shapesOf(form: Form, content: Content): EventShape[] {
  const bySize = valueSizes.map((valueSize) => ({ ...usual, form, content, valueSize }));
  const byRecords = content === 'English' ? eventSizes.map((records) => ({ ...usual, form, content, records })) : [];
  return [...bySize, ...byRecords];
}

async function measureFirst(bench: Bench, programs: readonly Program[]): Promise<Case[]> {
  const cases: Case[] = [];
  for (const form of forms) {
    reportProgress(`first invocations: ${form}`);
    const shape: EventShape = { ...usual, form, content: 'English' };
    cases.push({ shape, figures: await measureFirstInvocations(programs, await saveShape(bench, shape), firstInvocations) });
  }
  return cases;
}

async function measureColdStart(bench: Bench, url: string): Promise<Figures> {
  reportProgress('cold start');
  const { file } = await saveShape(bench, { ...usual, form: 'CloudEvents', content: 'English', records: 1 });
  const environment = environmentFor(url);
  return measureStarts(
    [
      { name: names.sink, args: [files.firstResponse, sinkProgram(bench, url).file, file, context], environment },
      { name: onePost, args: [files.onePost, file], environment },
      { name: idle, args: ['-e', '0'], environment },
    ],
    starts,
  );
}

async function measureMemory(bench: Bench, programs: readonly Program[]): Promise<Case[]> {
  const cases: Case[] = [];
  for (const form of forms) {
    for (const [content, valueSize] of [['English', 100] as const, ['Chinese', usual.valueSize] as const]) {
      reportProgress(`memory: ${form}, ${content}`);
      const { json, records } = largestEvent({ form, content, valueSize });
      const event = await saveEvent(bench, json, records);
      cases.push({ shape: { form, content, valueSize, records }, figures: await measureMemoryGrowth(programs, event) });
    }
  }
  return cases;
}

/** The figures as tables. */
export function functionTables({ cpu, first, memory, size, start }: FunctionResult): Table[] {
  const compared = [names.sink, names.bareLoop, 'ratio'];
  return [
    {
      title: 'The function beside a bare loop',
      note: 'CPU in µs a record, and how many times that of a loop that parses the event, copies it and posts it.',
      head: [...shapeHead, ...compared],
      rows: cpu.map(compareCase),
    },
    {
      title: `The first ${firstInvocations.invocations} invocations of an instance`,
      note: 'CPU in µs a record, over all of them, before the compiler has settled.',
      head: [...shapeHead, ...compared],
      rows: first.map(compareCase),
    },
    {
      title: 'Cold start',
      note: `Time in ms from the start of a process to its end, after the response to its first event; ${starts} starts of each. Package in KB.`,
      head: [names.sink, onePost, 'ratio', idle, 'loaded by every start, KB', 'whole package, KB'],
      rows: [
        [
          ...[start[names.sink], start[onePost]].map((ms) => shown(ms, 1)),
          shown(ratio(start, names.sink, onePost)),
          shown(start[idle], 1),
          shown(size.loaded / 1000, 0),
          shown(size.whole / 1000, 0),
        ],
      ],
    },
    {
      title: 'Memory for the largest event, 32 MB',
      note: `Growth of a new process at its most, in times of the event's size; its heap is limited to ${memoryLimitMb} MB.`,
      head: [...shapeHead, names.sink, names.bareLoop],
      rows: memory.map(({ shape, figures }) => [...shapeCells(shape), shown(figures[names.sink], 1), shown(figures[names.bareLoop], 1)]),
    },
  ];
}

const shapeHead = ['event', 'values', 'bytes', 'records'];

function shapeCells({ form, content, valueSize, records }: EventShape): string[] {
  return [form, content, String(valueSize), String(records)];
}

function compareCase({ shape, figures }: Case): string[] {
  return [
    ...shapeCells(shape),
    shown(figures[names.sink]),
    shown(figures[names.bareLoop]),
    shown(ratio(figures, names.sink, names.bareLoop)),
  ];
}
