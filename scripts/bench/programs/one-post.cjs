// The least that a Node process does to deliver its first event: one POST of what it has read, and the response to it.
const { readFileSync } = require('node:fs');
const { request } = require('node:http');

const [, , eventFile = ''] = process.argv;
const options = { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } };
const sent = request(`${process.env.ES_ENDPOINT}/_bulk`, options, (response) => {
  let text = '';
  response.on('data', (chunk) => {
    text += chunk;
  });
  response.on('end', () => process.exit(JSON.parse(text).errors === false ? 0 : 1));
});
sent.end(`{"index":{"_index":"bench"}}\n${readFileSync(eventFile, 'utf8')}\n`);
