// The same of real servers, of which 7.10.2 is known to quote credentials.
import { expect, test } from 'vitest';
import type { Scenario } from './errors.ts';
import { commandsOnRealServers, realScenarios } from './real-errors.ts';
import { casts, expectNothingTold, Stage } from './stage.ts';

const scenarios: readonly (readonly [string, Scenario])[] = Object.entries(realScenarios);

test.concurrent.each(scenarios.flatMap(([name, scenario]) => casts.map((cast) => [name, cast.style, cast.by, cast, scenario] as const)))(
  '%s of a real server tells nothing: canaries that are %s, with %s',
  async (name, _style, _by, cast, scenario) => {
    const stage = new Stage(cast);
    await scenario(stage);
    expect([...stage.provoked]).toContain(name);
    expectNothingTold(stage);
  },
);

test.concurrent.each(casts)(
  'what commands answer, and the headers of error records, tell nothing: $style canaries, with $by',
  async (cast) => {
    const stage = new Stage(cast);
    await commandsOnRealServers(stage);
    expect(stage.reasons.length).toBeGreaterThan(0);
    expectNothingTold(stage);
  },
);
