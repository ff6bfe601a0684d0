import { expect, test } from 'vitest';
import { ownCases } from '../../../scripts/docs/conformance/own-cases.ts';
import { projects } from '../../../scripts/docs/conformance/projects.ts';
import { testTitlesOf } from '../../support/test-titles.ts';

const suites = projects.flatMap(({ name: project, suites }) => suites.map((suite) => ({ ...suite, project })));
const behaviours = [...ownCases, ...suites.flatMap(({ behaviours }) => behaviours)];

test('every test that the list of conformance names is there', () => {
  const named = behaviours.flatMap(({ ours }) => (typeof ours === 'string' ? [] : ours));
  expect(named.length).toBeGreaterThan(150);
  expect(named.filter(({ file, title }) => !testTitlesOf(`test/${file}`).includes(title))).toEqual([]);
});

test('every behaviour has a test, or the reason why there is none', () => {
  expect(behaviours.filter(({ ours }) => ours.length === 0)).toEqual([]);
});

test.each(suites)("$project, $name: each of that project's tests stands there once", ({ behaviours }) => {
  const theirs = behaviours.flatMap((behaviour) => behaviour.theirs);
  expect(theirs.toSorted()).toEqual([...new Set(theirs)].toSorted());
});
