import { isRefusal } from '../document.ts';
import { pipelinesIn } from '../elasticsearch/diagnose.ts';
import { noPipeline, pipelinePath } from '../elasticsearch/pipelines.ts';
import { encoded } from './document-requests.ts';
import type { Tools } from './tools.ts';

/** What takes a document out of its way, or gives it another index or id: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/processors.html */
const diverts = /"(?:drop|reroute)":|\b_id\b|\b_index\b|\bctx\.op\b/;
const maxPipelines = 20;

/** Why a record that is not in the index may have been left out on purpose, or be under another id; undefined where it cannot. */
export async function whyUnprovable(topic: string, tools: Tools): Promise<string | undefined> {
  const waiting = await pipelinesOf(topic, tools);
  const known = new Set(waiting);
  for (const name of known) {
    const { json, status } = await tools.send({ method: 'GET', path: pipelinePath(name) });
    if (status === 404) continue;
    if (status !== 200 || json === undefined || known.size > maxPipelines)
      return `the ingest pipeline ${name} cannot be looked at, and may drop records`;
    const text = JSON.stringify(json);
    if (diverts.test(text)) return `the ingest pipeline ${name} can drop documents, or give them another index or id`;
    for (const [, called = ''] of text.matchAll(/"pipeline":\{[^{}]*"name":"([^"]+)"/g)) known.add(called);
  }
  return undefined;
}

async function pipelinesOf(topic: string, { mapper, send, session }: Tools): Promise<readonly string[]> {
  const { ES_PIPELINE } = session.settings;
  const index = mapper.indicesOf({ position: { topic, partition: 0, offset: 0 }, timestamp: undefined });
  if (isRefusal(index)) return ES_PIPELINE === undefined ? [] : [ES_PIPELINE];
  const path = `/${encoded(index)}/_settings/index.*_pipeline`;
  const { json, status } = await send({ method: 'GET', path });
  const named = status === 200 ? pipelinesIn(json) : [];
  return [...(ES_PIPELINE === undefined ? [] : [ES_PIPELINE]), ...named].filter((name) => name !== noPipeline);
}
