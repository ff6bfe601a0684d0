import { ScriptedServer, type SeenRequest } from './scripted-server.ts';

/** What a test changes of a request before it is passed on; by default nothing. */
type Change = (request: SeenRequest) => SeenRequest;

/** A server in front of a real Elasticsearch, that knows each request and passes it on. */
export function startProxy(elasticsearchUrl: string, change: Change = (request) => request): Promise<ScriptedServer> {
  return ScriptedServer.start(async (response, seen) => {
    const { method, path, headers, body } = change(seen);
    const contentType = { 'content-type': headers['content-type'] ?? 'application/json' };
    const passed = await fetch(`${elasticsearchUrl}${path}`, { method, headers: contentType, ...(body !== '' && { body }) });
    response
      .writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'application/json' })
      .end(Buffer.from(await passed.arrayBuffer()));
  });
}
