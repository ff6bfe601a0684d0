// What a function is given, a server may echo, and nobody may ever read.
export const password = 'canary-Pa55';
const basic = Buffer.from(`elastic:${password}`).toString('base64');
const apiKey = Buffer.from('canary-id:canary-S3cret').toString('base64');
/** A text of a server that shows all of them. */
export const echo = `password ${password}, Authorization: Basic ${basic}, authorization=[ApiKey ${apiKey}]`;

/** Those of the secrets, or of their beginnings, that the text shows. */
export function secretsIn(text: string): string[] {
  return [password, basic, basic.slice(0, 12), apiKey, apiKey.slice(0, 12)].filter((secret) => text.includes(secret));
}
