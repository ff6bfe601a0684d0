import { type Respond, ScriptedServer, type SeenRequest } from './scripted-server.ts';

interface Behaviour {
  /** What becomes of a request before it is passed on; by default nothing. */
  readonly change?: (request: SeenRequest) => SeenRequest;
  /** The response to a request that is not passed on; undefined where it is. */
  readonly refuse?: (request: SeenRequest) => Respond | undefined;
}

/** A server in front of a real Elasticsearch, that knows each request and passes it on. */
export function startProxy(elasticsearchUrl: string, { change = (request) => request, refuse }: Behaviour = {}): Promise<ScriptedServer> {
  return ScriptedServer.start(async (response, seen) => {
    const refusal = refuse?.(seen);
    if (refusal) return refusal(response, seen);
    const { method, path, headers, body } = change(seen);
    const contentType = { 'content-type': headers['content-type'] ?? 'application/json' };
    const passed = await fetch(`${elasticsearchUrl}${path}`, { method, headers: contentType, ...(body !== '' && { body }) });
    response
      .writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'application/json' })
      .end(Buffer.from(await passed.arrayBuffer()));
  });
}
