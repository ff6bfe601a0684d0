/** What a user's environment says of where the cloud is, and whom to believe there. */
interface CloudEnvironment {
  readonly CLOUD_ENDPOINT?: string | undefined;
  readonly NODE_TLS_REJECT_UNAUTHORIZED?: string | undefined;
}

/**
 * The address that stands for all of Alibaba Cloud; undefined where it is Alibaba Cloud itself. Throws where calls, which carry the access key's
 * signature and passwords, could be read on the way: only on this machine may they go without TLS, and nowhere with certificates unchecked.
 */
export function readCloudEndpoint({ CLOUD_ENDPOINT: text, NODE_TLS_REJECT_UNAUTHORIZED }: CloudEnvironment): URL | undefined {
  const endpoint = text ? parse(text) : undefined;
  if (endpoint?.protocol === 'http:') return endpoint;
  // Node's own switch, which SDKs obey: https://nodejs.org/docs/latest-v20.x/api/cli.html#node_tls_reject_unauthorizedvalue
  if (NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw new Error(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates, so that anybody could take the place of the cloud: unset it. An authority of your own, a proxy for example, is added by NODE_EXTRA_CA_CERTS.',
    );
  }
  return endpoint;
}

function parse(text: string): URL {
  const endpoint = URL.canParse(text) ? new URL(text) : undefined;
  if (!endpoint || !/^https?:$/.test(endpoint.protocol))
    throw new Error(
      `CLOUD_ENDPOINT: '${text}' is not an address; give http://host:port, as \`npm run local:cloud\` prints it, or unset it.`,
    );
  if (endpoint.protocol === 'http:' && !isLoopback(endpoint.hostname)) {
    throw new Error(
      `CLOUD_ENDPOINT: ${endpoint.origin} is another machine, where plain http would show passwords to the network; allowed are https, and http to 127.0.0.1, [::1] or localhost. Set one of them, or unset it.`,
    );
  }
  return endpoint;
}

/** Of a host as `URL` writes it, which makes four decimal numbers of any form of an IPv4 address. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
