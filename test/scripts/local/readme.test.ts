import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync('scripts/local/README.md', 'utf8');

interface Row {
  readonly documented: string;
  readonly source: string;
  readonly title: string;
  readonly file: string;
}

/** The rows of the tables that name a test, each with the file that its section names. */
function rows(): Row[] {
  return readme.split('\n## ').flatMap((section) => {
    const file = /^Tests: \[`(.*)`\]/m.exec(section)?.[1];
    const lines =
      file === undefined ? [] : section.split('\n').filter((line) => line.startsWith('| ') && !/^\| (---|documented)/.test(line));
    return lines.map((line) => {
      const [documented = '', source = '', title = ''] = line.slice(2, -2).split(' | ');
      return { documented, source, title, file: file ?? '' };
    });
  });
}

test('the tables have at least 60 rows', () => {
  expect(rows().length).toBeGreaterThanOrEqual(60);
});

test.each(rows())('documented, with a source and a test: $documented', ({ file, source, title }) => {
  const names = source.split(', ');
  for (const name of names) expect(readme).toContain(`\n${name}: https://`);
  expect(hasTest(readFileSync(file, 'utf8'), title)).toBe(true);
});

/** Whether the file has the test, as it is written there or, of a table of cases, as it is called in a run. */
function hasTest(code: string, title: string): boolean {
  if (code.includes(`'${title}'`) || code.includes(`"${title}"`)) return true;
  const templates = [...code.matchAll(/^\s*\]?\)?(?:test.*)?\('(.*%[a-z].*)', /gm)].map(([, template = '']) => template);
  return templates.some((template) => {
    const form = template.split(/%[a-z]/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const [, ...parameters] = new RegExp(`^${form.join('(.*)')}$`).exec(title) ?? [];
    return parameters.length > 0 && parameters.every((parameter) => code.includes(parameter));
  });
}
