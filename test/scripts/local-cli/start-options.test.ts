import { expect, test } from 'vitest';
import { parseOptions } from '../../../scripts/local-cli/start-options.ts';

test('without options the state is kept in .local-cloud, and the topic is that of s.yaml', () => {
  expect(parseOptions([])).toEqual({ folder: '.local-cloud', topic: 'elasticsearch-test-input', generations: ['2.0', '3.0'] });
});

test('folder and topic are taken from the command line', () => {
  expect(parseOptions(['--state', 'elsewhere', '--topic=orders'])).toMatchObject({ folder: 'elsewhere', topic: 'orders' });
});

test('an account may have one version of Function Compute alone', () => {
  expect(parseOptions(['--api', '3.0'])?.generations).toEqual(['3.0']);
  expect(() => parseOptions(['--api', '4'])).toThrow("--api: '4' is not allowed; give 2.0 or 3.0");
});

test('help is asked for', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
});

test('an option that there is not is refused', () => {
  expect(() => parseOptions(['--topics', 'orders'])).toThrow(/--topics/);
});
