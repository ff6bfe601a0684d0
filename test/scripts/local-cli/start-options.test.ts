import { expect, test } from 'vitest';
import { parseOptions } from '../../../scripts/local-cli/start-options.ts';

test('without options the state is kept in .local-cloud, and the topic is that of s.yaml', () => {
  expect(parseOptions([])).toEqual({ folder: '.local-cloud', topic: 'elasticsearch-test-input' });
});

test('folder and topic are taken from the command line', () => {
  expect(parseOptions(['--state', 'elsewhere', '--topic=orders'])).toEqual({ folder: 'elsewhere', topic: 'orders' });
});

test('help is asked for', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
});

test('an option that there is not is refused', () => {
  expect(() => parseOptions(['--topics', 'orders'])).toThrow(/--topics/);
});
