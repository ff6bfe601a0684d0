import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Product, ramAction } from '../../../../scripts/connector/cloud/product.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: string;
}

const { Statement: statements }: { Statement: readonly Statement[] } = JSON.parse(readFileSync('ram-policy.json', 'utf8'));
const allowed = statements.flatMap(({ Action }) => Action);

const folder = 'scripts/connector/cloud';
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const actions = files.flatMap((file) => {
  const code = readFileSync(`${folder}/${file}`, 'utf8');
  const [, constant = 'Function Compute'] = /^const product = '(.*)';$/m.exec(code) ?? [];
  const calls = code.matchAll(/call\((?:product|'([^']+)'), '(\w+)'/g);
  return [...calls].map(([, product = constant, action = '']) => ramAction(product as Product, action));
});

test('there are calls to look for', () => {
  expect(actions.length).toBeGreaterThan(30);
});

test.each(actions)('ram-policy.json allows %s', (action) => {
  expect(allowed).toContain(action);
});

test('PassRole is limited to one role, and nothing is allowed by a star', () => {
  expect(statements.find(({ Action }) => Action.includes('ram:PassRole'))?.Resource).toBe('acs:ram:*:*:role/aliyunfcdefaultrole');
  expect(allowed.filter((permission) => permission.includes('*'))).toEqual([]);
});
