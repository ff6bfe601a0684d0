import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../shared/errors.ts';

/** A setting's certificate authority, as PEM text; throws `SettingsInvalid` when it is neither a certificate nor a file of the package with one. */
export function readCertificate(setting: string, textOrPath: string): string {
  const pem = textOrPath.includes('-----BEGIN') ? textOrPath : readFile(setting, textOrPath);
  try {
    // Node would take anything, and trust nobody.
    new X509Certificate(pem);
    return pem;
  } catch {
    throw new Failure(
      'SettingsInvalid',
      `${setting}: holds no certificate; allowed: PEM text, from -----BEGIN CERTIFICATE----- on, with its line breaks`,
    );
  }
}

function readFile(setting: string, path: string): string {
  try {
    return readFileSync(resolve(__dirname, path), 'utf8');
  } catch {
    throw new Failure('SettingsInvalid', `${setting}: is neither PEM text nor a file in the package that can be read`);
  }
}
