import type { IncomingMessage } from 'node:http';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { HttpConnection } from '@elastic/transport';

type Params = Parameters<HttpConnection['buildRequestObject']>[0];

/**
 * The transport's connection to one node, with the network's own errors: its `request` keeps no code of them, and never settles when the response
 * is not HTTP.
 */
export class NodeConnection extends HttpConnection {
  /**
   * Resolves to a response whose body is still to be read; rejects with the error of the network, when the server speaks another protocol from now
   * on, or when `signal` aborts.
   */
  exchange(params: Params, tls: TlsOptions, signal: AbortSignal): Promise<IncomingMessage> {
    const options = this.buildRequestObject(params, { requestId: 0, name: '', context: null });
    return new Promise((resolve, reject) => {
      const request = this.makeRequest({ ...options, ...tls, signal });
      request.once('response', resolve);
      // It stays: what fails after the response has begun must find a listener, too.
      request.on('error', reject);
      // A status 101 that nobody listens for closes the connection without an error, and without an end of the request.
      request.once('close', () => reject(new Error('the connection was closed before an answer')));
      // Between two requests a kept socket has no listener for a moment, and its error would end the process.
      request.once('socket', (socket) => socket.off('error', ignore).on('error', ignore));
      request.setNoDelay(true);
      request.end(params.body);
    });
  }
}

function ignore(): void {
  // The request tells the error, if there is one that waits for it.
}
