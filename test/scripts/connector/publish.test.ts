import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { localSummary } from '../../../scripts/connector/commands/local.ts';
import { commands } from '../../../scripts/connector/component.ts';

const metadata = readFileSync('scripts/publish.yaml', 'utf8');
const { name, version, description }: { name: string; version: string; description: string } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);

/** The lines `name: value` at this indentation, below a heading when one is given; values without the quotes of YAML. */
function fields(indent: string, heading = ''): { readonly [name: string]: string } {
  const [, block = metadata] = heading === '' ? [] : (new RegExp(`^${heading}:\\n((?: +.*\\n)*)`, 'm').exec(metadata) ?? []);
  const lines = block.matchAll(new RegExp(`^${indent}(\\w+): (.+)$`, 'gm'));
  return Object.fromEntries([...lines].map(([, field, value = '']) => [field, value.replace(/^'(.*)'$/, '$1').replaceAll("''", "'")]));
}

test('what Serverless Devs is told of the component is what package.json says', () => {
  expect(fields('')).toMatchObject({ Type: 'Component', Name: name, Version: version, Description: description });
});

test('it names every command of the component, with its summary', () => {
  const summaries = Object.entries(commands).map(([command, { summary }]) => [command, summary]);
  expect(fields('  ', 'Commands')).toEqual({ ...Object.fromEntries(summaries), local: localSummary });
});
