import { buildPackage, packageFolder } from './bundle/package.ts';
import { note } from './terminal/output.ts';

const { bytes } = await buildPackage();
note(`${packageFolder}: ${(bytes / 1000).toFixed(0)} KB`);
