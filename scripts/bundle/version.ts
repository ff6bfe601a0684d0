import { readFileSync } from 'node:fs';

const { name, version }: { name: string; version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

export const packageName = name;

/** The version of this package, by SemVer. */
export const packageVersion = version;

/** The description of a function that this version has deployed. */
export const functionDescription = `${name} ${version}`;

const versionForm = new RegExp(`(?:^| )${name} (\\d\\S*)`);

/** The version of the package that a function's description names. */
export function versionIn(description: unknown): string | undefined {
  return typeof description === 'string' ? versionForm.exec(description)?.[1] : undefined;
}
