import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { fc3 } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const echo = 'exports.handler = async (event) => { console.log("echoes"); return event; };';

test('a function is made, invoked and deleted', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().fc3;
  const code = new fc3.InputCodeLocation({ zipFile: zipOf({ 'index.js': echo }) });
  const body = new fc3.CreateFunctionInput({ functionName: 'sink', runtime: 'nodejs20', handler: 'index.handler', code });
  await client.createFunction(new fc3.CreateFunctionRequest({ body }));
  const response = await client.invokeFunction('sink', new fc3.InvokeFunctionRequest({ body: Readable.from(Buffer.from('杭州')) }));
  expect(await text(response.body ?? Readable.from([]))).toBe('杭州');
  await client.deleteFunction('sink');
  expect(await refusal(client.getFunction('sink', new fc3.GetFunctionRequest({})))).toMatchObject({ code: 'FunctionNotFound' });
});
