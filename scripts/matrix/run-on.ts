import { basename } from 'node:path';
import { startVitest, type TestModule } from 'vitest/node';
import type { Distribution } from '../local/servers/elasticsearch/distributions.ts';
import { findJdk } from '../local/servers/jdk.ts';

/** What became of the tests of one behaviour on one server. */
export interface Cell {
  readonly passed: number;
  readonly failed: number;
  /** How many tests were not run because the server lacks a feature: by feature. */
  readonly lacking: ReadonlyMap<string, number>;
  /** Not run for no such reason. */
  readonly skipped: number;
}

/** A server's results by behaviour, or why its tests were not run. */
export interface Column {
  readonly distribution: Distribution;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly notRun: string | undefined;
  /** Whether a test, or something around the tests, failed. */
  readonly hasFailed: boolean;
}

/** Runs all behaviours on the server, unless there is no JDK for it. */
export async function runOn(distribution: Distribution): Promise<Column> {
  const { name, oldestJdk } = distribution;
  if ((await findJdk(oldestJdk)) === undefined) {
    return { distribution, cells: new Map(), notRun: `needs JDK ${oldestJdk} or newer`, hasFailed: false };
  }
  const vitest = await startVitest('test', [], { config: 'vitest.matrix.config.ts', project: [name], watch: false });
  const modules = vitest.state.getTestModules();
  const cells = new Map(modules.map((module) => [behaviourOf(module), cellOf(module)]));
  const hasFailed = modules.length === 0 || modules.some((module) => !module.ok()) || vitest.state.getUnhandledErrors().length > 0;
  await vitest.close();
  return { distribution, cells, notRun: undefined, hasFailed };
}

function behaviourOf({ moduleId }: TestModule): string {
  return basename(moduleId).replace(/\.(servers|secured)\.test\.ts$/, '');
}

function cellOf(module: TestModule): Cell {
  const tests = [...module.children.allTests()];
  const counted = (state: string) => tests.filter((test) => test.result().state === state);
  const skipped = counted('skipped');
  const lacking = new Map<string, number>();
  for (const feature of skipped.flatMap((test) => test.meta().lacks ?? [])) lacking.set(feature, (lacking.get(feature) ?? 0) + 1);
  return {
    passed: counted('passed').length,
    failed: counted('failed').length,
    lacking,
    skipped: skipped.filter((test) => test.meta().lacks === undefined).length,
  };
}
