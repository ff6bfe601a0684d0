import type { TestProject } from 'vitest/node';
import { buildPackage } from '../../scripts/bundle/package.ts';

/** Builds the function package once for all files, and again before each rerun while vitest watches. */
export default async function setup(project: TestProject): Promise<void> {
  await buildPackage();
  project.onTestsRerun(async () => {
    await buildPackage();
  });
}
