import type { Dependency } from './dependencies.ts';

const line = '='.repeat(80);

/** The texts that the licenses of the function's dependencies want to go with their code. */
export function formatNotices(dependencies: readonly Dependency[]): string {
  const sections = dependencies.map(({ name, version, license, texts }) => [`${name} ${version} (${license})`, ...texts].join('\n\n'));
  return `${['Code of these packages is part of this function.', ...sections].join(`\n\n${line}\n\n`)}\n`;
}
