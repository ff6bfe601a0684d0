import { renderCommands } from './commands.ts';
import { renderConfiguration } from './configuration.ts';
import { renderConformance } from './conformance.ts';
import { renderErrors } from './errors.ts';

/** A page that is made from the sources. */
interface ReferencePage {
  /** From the root of the repository. */
  readonly path: string;
  /** Markdown. */
  readonly content: string;
}

/** The pages of `docs/reference`, and the list of conformance, as the sources have them now. */
export function referencePages(): ReferencePage[] {
  return [
    { path: 'docs/reference/configuration.md', content: renderConfiguration() },
    { path: 'docs/reference/errors.md', content: renderErrors() },
    { path: 'docs/reference/commands.md', content: renderCommands() },
    { path: 'test/conformance.md', content: renderConformance() },
  ];
}
