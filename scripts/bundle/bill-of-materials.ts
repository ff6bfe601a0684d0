import type { Dependency } from './dependencies.ts';
import { packageName, packageVersion } from './version.ts';

const self = `${packageName}@${packageVersion}`;

/**
 * What the function is made of, in CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/
 * Without a time and a serial number: a deployment compares the package's bytes.
 */
export function billOfMaterials(dependencies: readonly Dependency[]): object {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: { type: 'application', 'bom-ref': self, name: packageName, version: packageVersion, licenses: licenses('Apache-2.0') },
    },
    components: dependencies.map(component),
    dependencies: [{ ref: self, dependsOn: dependencies.map(purl) }, ...dependencies.map((dependency) => ({ ref: purl(dependency) }))],
  };
}

function component(dependency: Dependency): object {
  const [group, name] = dependency.name.includes('/') ? dependency.name.split('/') : [undefined, dependency.name];
  return {
    type: 'library',
    'bom-ref': purl(dependency),
    ...(group && { group }),
    name,
    version: dependency.version,
    hashes: dependency.integrity.split(' ').map(hash),
    licenses: licenses(dependency.license),
    purl: purl(dependency),
    evidence: { occurrences: dependency.files.map((location) => ({ location })) },
  };
}

function licenses(id: string): object[] {
  return [{ license: { id } }];
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
function purl({ name, version }: Dependency): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** `sha512-` and base64, as the lock file has it, becomes what CycloneDX says of the same archive. */
function hash(integrity: string): object {
  const [algorithm = '', digest = ''] = integrity.split(/-(.*)/);
  return { alg: algorithm.toUpperCase().replace('SHA', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
}
