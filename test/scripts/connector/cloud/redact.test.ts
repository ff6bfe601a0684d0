import { expect, test } from 'vitest';
import { call } from '../../../../scripts/connector/cloud/call.ts';
import { redacting } from '../../../../scripts/connector/cloud/redact.ts';

test('a secret that an answer quotes where its message is cut is starred, not cut', async () => {
  const answer = new Error(`${'x'.repeat(280)} ES_PASSWORD=canary-that-is-rather-long`);
  const failing = () => call('Function Compute', 'CreateFunction', () => Promise.reject(answer));
  await expect(redacting(['canary-that-is-rather-long'], failing)).rejects.toThrow(/x ES_PASSWORD=\*\*\*\./);
});
