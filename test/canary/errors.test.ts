// No error of the function tells a secret, or what a record holds, whatever its server quotes.
import { expect, test } from 'vitest';
import { failureScenarios, rejectionScenarios, type Scenario } from './errors.ts';
import { casts, expectNothingTold, Stage } from './stage.ts';

const scenarios: readonly (readonly [string, Scenario])[] = [...Object.entries(failureScenarios), ...Object.entries(rejectionScenarios)];

test.concurrent.each(scenarios.flatMap(([name, scenario]) => casts.map((cast) => [name, cast.style, cast.by, cast, scenario] as const)))(
  '%s tells nothing: canaries that are %s, with %s',
  async (name, _style, _by, cast, scenario) => {
    const stage = new Stage(cast);
    await scenario(stage);
    expect([...stage.provoked]).toContain(name);
    expectNothingTold(stage);
  },
);
