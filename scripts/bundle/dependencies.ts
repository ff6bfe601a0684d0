import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of which code is in the function's files. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier, one of those allowed. */
  readonly license: string;
  /** Names of the function's files that hold code of it. */
  readonly files: readonly string[];
  /** The texts that have to go with its code: license and notices. */
  readonly texts: readonly string[];
  /** What the lock file knows its archive by, as in https://www.w3.org/TR/sri-2 */
  readonly integrity: string;
}

/** Licenses whose only conditions are that their text, the copyright and the notices go with the code. */
const allowedLicenses = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

const packagePath = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
const textFile = /^(licen[cs]e|notice|copying)/i;

/** What is under a license whose text a package may leave out of its archive, and name in package.json alone: https://spdx.org/licenses/ISC.html */
const standardTexts: { readonly [license: string]: string } = {
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
};

/**
 * The packages in a build, by name: what the files really hold, not what package.json asks for. Throws when one has a license that is not allowed, or no
 * text of it, or is not the one of package-lock.json in `root`, to which the build's paths are relative.
 */
export async function bundledDependencies(metafile: Metafile, root: string): Promise<Dependency[]> {
  const lock: Lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const dependencies = [...filesByPackage(metafile)].map(([folder, files]) => readDependency(root, folder, [...files].sort(), lock));
  return (await Promise.all(dependencies)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

function filesByPackage({ outputs }: Metafile): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [output, { inputs }] of Object.entries(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const [folder] = packagePath.exec(input) ?? [];
      if (folder !== undefined && bytesInOutput > 0) found.set(folder, (found.get(folder) ?? new Set()).add(basename(output)));
    }
  }
  return found;
}

interface Lock {
  readonly packages: { readonly [folder: string]: { readonly version?: string; readonly integrity?: string } };
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly author?: string | { readonly name?: string };
}

async function readDependency(root: string, folder: string, files: readonly string[], lock: Lock): Promise<Dependency> {
  const manifest: Manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest;
  const which = `${name} ${version}, in ${files.join(' and ')}`;
  if (typeof license !== 'string' || !allowedLicenses.includes(license)) {
    const what = license === undefined ? 'no license' : `the license ${JSON.stringify(license)}`;
    throw new Error(
      `${which}, has ${what}; allowed are ${allowedLicenses.join(', ')}. Use another package, or allow it in scripts/bundle.`,
    );
  }
  const { version: locked, integrity } = lock.packages[folder] ?? {};
  if (locked !== version || integrity === undefined)
    throw new Error(`${which}, is not the one of package-lock.json (${locked ?? 'none'}). Run \`npm ci\`.`);
  return { name, version, license: license, files, texts: await readTexts(join(root, folder), manifest, which), integrity };
}

async function readTexts(folder: string, { author, license }: Manifest, which: string): Promise<string[]> {
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => textFile.test(name)).sort() : [];
  if (names.length > 0) return Promise.all(names.map(async (name) => (await readFile(join(folder, name), 'utf8')).trim()));
  const holder = typeof author === 'string' ? author : author?.name;
  const text = standardTexts[String(license)];
  if (!holder || !text) throw new Error(`${which}, comes without the text of its license. Use another package.`);
  return [`Copyright (c) ${holder}\n\n${text}`];
}
