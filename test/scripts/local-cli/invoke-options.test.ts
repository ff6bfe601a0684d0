import { expect, test } from 'vitest';
import { parseOptions } from '../../../scripts/local-cli/invoke-options.ts';

const file = ['-f', 'test/events/connector.json'];

test('settings come from the environment by their names, from a file and from the command line, which counts most', () => {
  const environment = { ES_INDEX: 'a', ES_PASSWORD: 'canary', HOME: '/home/user' };
  expect(parseOptions([...file, '--env', 'ES_INDEX=b=c', '--env', 'EMPTY='], environment)).toMatchObject({
    environmentVariables: { ES_INDEX: 'b=c', ES_PASSWORD: 'canary', EMPTY: '' },
    timeoutSeconds: 60,
    inspect: undefined,
  });
  expect(parseOptions(file, environment)?.environmentVariables).not.toHaveProperty('HOME');
});

test('a debugger has the port that is given or 9229, and a day of time', () => {
  expect(parseOptions([...file, '--inspect'], {})).toMatchObject({ inspect: '127.0.0.1:9229', timeoutSeconds: 86_400 });
  expect(parseOptions([...file, '--inspect=9300'], {})).toMatchObject({ inspect: '127.0.0.1:9300' });
});

test('help is no invocation', () => {
  expect(parseOptions(['--help'], {})).toBeUndefined();
});

test.each([
  [[], '-f: is missing'],
  [['-f', 'nowhere.json'], "-f: 'nowhere.json' cannot be read (ENOENT)"],
  [['-f', 'test'], "-f: 'test' cannot be read (EISDIR)"],
  [[...file, '--env', 'canary'], '--env: is not allowed; give NAME=VALUE'],
  [[...file, '--env-file', 'nowhere'], "--env-file: 'nowhere' cannot be read"],
  [[...file, '--timeout', '0'], "--timeout: '0' is not a number from 1 to 86400"],
  [[...file, '--inspect=x'], "--inspect: 'x' is not a number"],
  [['--evnet-file'], '--evnet-file'],
])('%j is refused', (args, message) => {
  const attempt = () => parseOptions(args, {});
  expect(attempt).toThrow(message);
  expect(attempt).not.toThrow('canary');
});
