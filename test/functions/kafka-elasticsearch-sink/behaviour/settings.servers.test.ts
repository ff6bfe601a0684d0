// Settings where no initializer ran.
import { expect, inject, test } from 'vitest';
import { failureOf } from '../../../support/function/built-function.ts';
import { connectorRecord, eventFrom } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

test('wrong settings are refused by every invocation when no initializer ran', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  // A method that every module has, in place of an initializer.
  const sink = await sandbox.start({ ES_PORT: '9300' }, { initializer: 'index.toString' });
  for (const invocation of [eventFrom(connectorRecord()), '[]']) {
    expect(await failureOf(sink.send(invocation))).toMatchObject({
      errorType: 'SettingsInvalid',
      errorMessage: expect.stringContaining('9200'),
    });
  }
});

test("records are written when no initializer ran, and names that are nobody's settings are no fault", async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ TZ: 'Asia/Shanghai', MY_SETTING: 'x' }, { initializer: 'index.toString' });
  expect(await sink.deliver(connectorRecord())).toMatchObject({ received: 1, written: 1 });
});
