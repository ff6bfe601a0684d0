import type { Behaviour, OwnTest, Project, Suite } from './conformance/behaviour.ts';
import { ownCases } from './conformance/own-cases.ts';
import { projects } from './conformance/projects.ts';
import { code, page, table } from './markdown.ts';

/** The page of what the tests of other projects show, with the test of this one beside each; it stands in `test/`. */
export function renderConformance(): string {
  return page('Conformance', [
    'From the lists in [`scripts/docs/conformance/`](../scripts/docs/conformance).',
    [
      'What the tests of projects with the same task show, and which test here shows the same, or why it does not apply. The names are those of their tests; the',
      'sentences are ours. What each of them offers is in the [comparison](../docs/comparison.md). A test fails when this page is not what the lists say, and when a',
      'test that it names is not there.',
    ].join('\n'),
    table(['project', 'commit that was read', 'behaviours', 'with a test here', 'not applicable'], projects.map(summaryOf)),
    '## Cases of our own',
    'What the tests of none of these projects have.',
    tableOf('case', ownCases),
    ...projects.flatMap(sectionsOf),
  ]);
}

function summaryOf({ name, repository, commit, suites }: Project): string[] {
  const all = suites.flatMap(({ behaviours }) => behaviours);
  const without = all.filter(({ ours }) => typeof ours === 'string');
  const counts = [all.length, all.length - without.length, without.length].map(String);
  return [name, `[${commit.slice(0, 8)}](${repository}/tree/${commit})`, ...counts];
}

function sectionsOf({ name, suites }: Project): string[] {
  return [`## ${name}`, ...suites.flatMap(sectionOf)];
}

function sectionOf({ name, behaviours }: Suite): string[] {
  return [`### ${name}`, tableOf('their tests', behaviours)];
}

function tableOf(names: string, behaviours: readonly Behaviour[]): string {
  const rows = behaviours.map(({ says, theirs, ours }) => [says, theirs.map(code).join(', '), answerOf(ours)]);
  return table(['behaviour', names, 'our tests, or why there is none'], rows);
}

function answerOf(ours: Behaviour['ours']): string {
  return typeof ours === 'string' ? `Not applicable: ${ours}.` : ours.map(linkTo).join('; ');
}

function linkTo({ file, title }: OwnTest): string {
  return `[${title}](${file})`;
}
