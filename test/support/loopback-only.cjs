// Preloaded into every process of a test that must reach nothing but this machine: another connection fails, and is written down.
const { appendFileSync } = require('node:fs');
const { Socket } = require('node:net');

const connect = Socket.prototype.connect;

/** @param {any[]} args  whatever Node takes */
Socket.prototype.connect = function (...args) {
  const [first] = args;
  const options = Array.isArray(first) ? first[0] : first;
  const host =
    typeof options === 'object' && options !== null
      ? (options.host ?? (options.path ? '127.0.0.1' : 'localhost'))
      : (args[1] ?? 'localhost');
  if (!/^(127\.0\.0\.1|::1|localhost)$/.test(String(host))) {
    appendFileSync(process.env.CONNECTIONS_ELSEWHERE ?? '', `${host}:${options.port}\n`);
    throw new Error(`a connection to ${host}, which is not this machine`);
  }
  return Reflect.apply(connect, this, args);
};
