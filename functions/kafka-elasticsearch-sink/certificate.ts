import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../shared/errors.ts';

/** A setting's certificate authority, as PEM text; throws `SettingsInvalid` when it is neither that nor a file of the package. */
export function readCertificate(setting: string, textOrPath: string): string {
  if (textOrPath.includes('-----BEGIN')) return textOrPath;
  try {
    return readFileSync(resolve(__dirname, textOrPath), 'utf8');
  } catch {
    throw new Failure('SettingsInvalid', `${setting}: is neither PEM text nor a file in the package that can be read`);
  }
}
