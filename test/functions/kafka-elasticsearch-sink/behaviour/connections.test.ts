// Connections of an instance that is frozen, thawed and stopped.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { cut, elasticsearch, inTurn, items } from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at } from '../../../support/function/records.ts';

const socketsOf = (respond: Respond) => {
  const sockets = new Set<NonNullable<ServerResponse['socket']>>();
  const tracking: Respond = (response, request) => {
    if (response.socket) sockets.add(response.socket);
    respond(response, request);
  };
  return { sockets, tracking };
};

test.concurrent('an instance whose connections the server closed while it was frozen delivers with at most one retry', async () => {
  const { sockets, tracking } = socketsOf(elasticsearch());
  await using under = await startWithServer(tracking);
  const { fn, invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  const pid = fn.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  await Promise.all([...sockets].filter(({ destroyed }) => !destroyed).map((socket) => once(socket.destroy(), 'close')));
  const invocation = invoke(at(2));
  process.kill(pid, 'SIGCONT');
  const { result } = await invocation;
  expect(result).toMatchObject({ received: 1, written: 1 });
  expect(result?.retried).toBeLessThanOrEqual(1);
});

test.concurrent('a connection that is cut when its second request arrives costs one retry', async () => {
  const { tracking } = socketsOf(elasticsearch(inTurn(items(), cut, items())));
  await using under = await startWithServer(tracking);
  const { invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1, retried: 0 });
  expect((await invoke(at(2))).result).toMatchObject({ written: 1, retried: 1 });
});

test.concurrent('preStop closes the connections', async () => {
  // Stays alive for a while after preStop, so that it is not the end of the process that closes them.
  const lines = [
    "const code = require('./index.js');",
    'exports.preStop = async (context) => {',
    '  await code.preStop(context);',
    '  await new Promise((resolve) => setTimeout(resolve, 1500));',
    '};',
  ];
  const { sockets, tracking } = socketsOf(elasticsearch());
  const files = { 'lingering.js': lines.join('\n') };
  await using under = await startWithServer(tracking, { files, preStop: 'lingering.preStop' });
  const { fn, invoke } = under;
  await invoke(at(1));
  const [socket] = [...sockets].filter(({ destroyed }) => !destroyed);
  expect(socket).toBeDefined();
  const closed = socket ? once(socket, 'close') : undefined;
  const stopped = fn.stop();
  await closed;
  expect(fn.isRunning).toBe(true);
  await stopped;
});
