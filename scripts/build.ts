import { buildPackage, packageFolder } from './bundle/package.ts';

const bytes = await buildPackage();
process.stderr.write(`${packageFolder}: ${(bytes / 1000).toFixed(0)} KB\n`);
