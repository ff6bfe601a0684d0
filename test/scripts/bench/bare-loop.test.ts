import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { files } from '../../../scripts/bench/bench.ts';
import { contents, forms, makeEvent } from '../../../scripts/bench/events.ts';

const shapes = forms.flatMap((form) => contents.map((content) => ({ form, content, valueSize: 300, records: 2500 })));
/** The loop reads its endpoint when it is loaded: a process of its own for each event. */
const runLoop = `
  import(${JSON.stringify(files.bareLoop)}).then(async ({ default: { handler } }) => {
    let event = [];
    for await (const chunk of process.stdin) event.push(chunk);
    console.log(JSON.stringify(await handler(Buffer.concat(event))));
    process.exit();
  });
`;

test.each(shapes)('the bare loop posts each element of an event as it came, under its position: $form, $content', async (shape) => {
  const event = makeEvent(shape);
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    bodies.push(body);
    response.end(JSON.stringify({ items: Array(body.split('\n').length >> 1).fill({}) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const run = promisify(execFile)(process.execPath, ['-e', runLoop], { env: { ES_ENDPOINT: `http://127.0.0.1:${port}` } });
  run.child.stdin?.end(event);
  const { stdout } = await run;
  server.close();
  expect(JSON.parse(stdout)).toEqual({ written: 2500 });
  expect(bodies.length).toBe(2);
  const lines = bodies.join('').trimEnd().split('\n');
  expect(`[${lines.filter((_, index) => index % 2 === 1).join(',')}]`).toBe(event.toString());
  expect(lines[0]).toBe('{"index":{"_index":"bench","_id":"elasticsearch-test-input+3+1000000"}}');
});
