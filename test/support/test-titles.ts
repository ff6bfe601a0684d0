import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** By path: one file is named by many links. */
const titles = new Map<string, readonly string[]>();
const runners = new Set(['test', 'it', 'describe']);

/** Titles of the tests, and of the groups of tests, in a file, with `%s` where each case fills something in; none where there is no such file. */
export function testTitlesOf(path: string): readonly string[] {
  const known = titles.get(path) ?? readTitles(path);
  titles.set(path, known);
  return known;
}

function readTitles(path: string): string[] {
  if (!existsSync(path)) return [];
  return titlesIn(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest));
}

function titlesIn(node: ts.Node): string[] {
  const within: string[] = [];
  ts.forEachChild(node, (child) => void within.push(...titlesIn(child)));
  const title = titleOf(node);
  return title === undefined ? within : [title, ...within];
}

/** The title that a call such as `test('…', …)` or `test.concurrent.each(…)('…', …)` gives. */
function titleOf(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !runners.has(rootOf(node.expression))) return undefined;
  const [first] = node.arguments;
  return first && ts.isStringLiteralLike(first) ? first.text : undefined;
}

function rootOf(callee: ts.Expression): string {
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) return rootOf(callee.expression);
  return ts.isIdentifier(callee) ? callee.text : '';
}
