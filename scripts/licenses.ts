import { formatText } from './bench/report/table.ts';
import { buildPackage } from './bundle/package.ts';
import { print } from './terminal/output.ts';

const { dependencies } = await buildPackage();
print(
  formatText({
    title: 'Packages whose code is in the function',
    note: 'From what the build wrote to dist/function; it fails at a license that is not allowed. Texts: THIRD-PARTY-NOTICES.txt, as CycloneDX: bom.json.',
    head: ['package', 'version', 'license', 'in'],
    rows: dependencies.map(({ name, version, license, files }) => [name, version, license, files.join(', ')]),
  }),
);
