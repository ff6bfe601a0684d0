// The package's third file: what `s audit` and `s replay` need, which most instances never do.

export { audit } from './audit.ts';
export { replay } from './replay.ts';
