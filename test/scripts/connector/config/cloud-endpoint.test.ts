import { expect, test } from 'vitest';
import { readCloudEndpoint } from '../../../../scripts/connector/config/cloud-endpoint.ts';

test.each([
  'http://127.0.0.1:8080',
  'http://127.1:8080',
  'http://2130706433:80',
  'http://[::1]:1',
  'http://localhost:1',
  'https://gateway.example',
])('CLOUD_ENDPOINT=%s is taken', (text) => {
  expect(readCloudEndpoint({ CLOUD_ENDPOINT: text })?.href).toBe(new URL(text).href);
});

test.each([
  'http://gateway.example',
  'http://10.0.0.1:80',
  'http://127.0.0.1.example',
  'http://localhost.example',
  'http://127.0.0.1@gateway.example',
  'http://[::ffff:10.0.0.1]',
  'http://0.0.0.0:8080',
])('CLOUD_ENDPOINT=%s is refused: a password would go over the network as it is', (text) => {
  expect(() => readCloudEndpoint({ CLOUD_ENDPOINT: text })).toThrow(
    /^CLOUD_ENDPOINT: http:\/\/\S+ is another machine, .*allowed are https/,
  );
});

test('a password in CLOUD_ENDPOINT is not shown', () => {
  expect(() => readCloudEndpoint({ CLOUD_ENDPOINT: 'http://user:canary@gateway.example' })).not.toThrow('canary');
});

test.each(['nowhere', 'ftp://127.0.0.1', 'file:///etc/passwd', '127.0.0.1:8080'])('CLOUD_ENDPOINT=%s is no address', (text) => {
  expect(() => readCloudEndpoint({ CLOUD_ENDPOINT: text })).toThrow('is not an address');
});

test.each([undefined, '', 'https://gateway.example'])('with unchecked certificates nothing is sent to CLOUD_ENDPOINT=%s', (text) => {
  const environment = { CLOUD_ENDPOINT: text, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  expect(() => readCloudEndpoint(environment)).toThrow(/^NODE_TLS_REJECT_UNAUTHORIZED=0 turns off .* unset it/);
  expect(() => readCloudEndpoint({ ...environment, NODE_TLS_REJECT_UNAUTHORIZED: '1' })).not.toThrow();
});

test('the local cloud needs no certificates', () => {
  expect(readCloudEndpoint({ CLOUD_ENDPOINT: 'http://127.0.0.1:1', NODE_TLS_REJECT_UNAUTHORIZED: '0' })?.port).toBe('1');
});
