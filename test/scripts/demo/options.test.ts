import { expect, test } from 'vitest';
import { parseOptions } from '../../../scripts/demo/options.ts';

test('without options, both servers are started here', () => {
  expect(parseOptions([], {})).toEqual({ api: '2.0', kafka: undefined, elasticsearch: undefined });
});

test('servers of the user are taken as given, credentials from the URL or the environment', () => {
  const args = ['--kafka', 'kafka:9092', '--elasticsearch', 'https://me:p%40ss@es:9243'];
  expect(parseOptions(args, {})).toEqual({
    api: '2.0',
    kafka: 'kafka:9092',
    elasticsearch: { url: 'https://es:9243', username: 'me', password: 'p@ss' },
  });
  expect(parseOptions(['--elasticsearch=http://es:9200'], { ES_USERNAME: 'me', ES_PASSWORD: 'canary' })).toMatchObject({
    elasticsearch: { url: 'http://es:9200', username: 'me', password: 'canary' },
  });
});

test('help is asked for', () => {
  expect(parseOptions(['--help'], {})).toBeUndefined();
});

test.each([
  [['--api', '4.0'], /--api: '4.0' is not allowed; give 2.0 or 3.0/],
  [['--kafka', 'kafka'], /--kafka: 'kafka' .*host:port/],
  [['--kafka', 'http://kafka:9092'], /host:port/],
  [['--elasticsearch', 'canary@es:9200'], /--elasticsearch: .*http:\/\/127\.0\.0\.1:9200/],
  [['--elasticsearch', 'http://me:canary@es:9200/index'], /without a path/],
  [['--elastic', 'http://es:9200'], /--elastic/],
  [['canary.example'], /Unexpected argument/],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args, {})).toThrow(message);
});

test('a password in a URL is not repeated', () => {
  expect(() => parseOptions(['--elasticsearch', 'http://me:canary@es:9200/index'], {})).not.toThrow(/canary/);
});
