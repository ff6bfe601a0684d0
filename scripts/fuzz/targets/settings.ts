import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Failure } from '../../../shared/errors.ts';
import { options } from '../../../shared/options.ts';
import { readSettings } from '../../../shared/settings.ts';
import { canary, hostileText } from '../hostile-text.ts';
import { fuzzTarget } from '../target.ts';

const names = Object.keys(options);
const secrets = ['ES_PASSWORD', 'ES_API_KEY', 'KAFKA_PASSWORD'];

/** Values that are right for one setting or another, so that rules between settings are reached, and what is nearly right. */
const plausible = fc.constantFrom(
  ...[
    'true',
    'false',
    'none',
    'key',
    'auto',
    'position',
    'index',
    'create',
    'upsert',
    'delete',
    'skip',
    'reject',
    'stop',
    'fetch',
    'offset',
  ],
  ...[
    'envelope',
    'value',
    'value-with-metadata',
    'https',
    'gzip',
    'SASL_SSL',
    'SCRAM-SHA-256',
    'debug',
    '1',
    '9200',
    '9300',
    '0',
    '-1',
    '1e3',
  ],
  ...[
    'host',
    'http://a:9200,b',
    'http://u:p@h',
    'orders+0+1',
    'logs-${topic}-{yyyy.MM.dd}',
    'logs-{yyyy}{MM}',
    'broker:9092',
    'a'.repeat(300),
  ],
);
const misspelt = fc.tuple(fc.constantFrom(...names), fc.nat(20), hostileText).map(([name, at, text]) => `${name.slice(0, at)}${text}`);
const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, { weight: 2, arbitrary: misspelt }, hostileText);
const value = fc.oneof({ weight: 3, arbitrary: plausible }, { weight: 1, arbitrary: hostileText.map((text) => `${text}${canary}`) });
const required = { CONNECTOR_NAME: 'demo', ES_ENDPOINT: '127.0.0.1', ES_INDEX: 'demo', ES_PASSWORD: 'any' };
const environment = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(name, value), { maxLength: 12 }))
  .map(([isComplete, pairs]) => withMarkedSecrets({ ...(isComplete && required), ...Object.fromEntries(pairs) }));

const secretMark = 'sEcReT9c1d';

function withMarkedSecrets(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, text]) => [name, secrets.includes(name) ? `${secretMark}${text}` : text]),
  );
}

/** Any environment is settings, or `SettingsInvalid` with a line a fault; neither tells a value. */
export default fuzzTarget({
  name: 'settings',
  module: import.meta.url,
  weight: 70,
  inputs: environment,
  open: async () => ({ check, [Symbol.asyncDispose]: async () => undefined }),
});

/** A name and what is wrong, with no character that ends a line or drives a terminal. */
const faultLine = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+: [^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

async function check(variables: Readonly<Record<string, string>>): Promise<void> {
  try {
    assert.ok(!inspect(readSettings(variables), { depth: 9 }).includes(secretMark), 'the settings show a secret');
  } catch (error) {
    assert.ok(error instanceof Failure && error.name === 'SettingsInvalid', `an error of another kind: ${error}`);
    for (const line of error.message.split('\n')) assert.match(line, faultLine);
    assert.ok(!error.message.includes(canary) && !error.message.includes(secretMark), 'the message shows a value');
  }
}
