import { fileURLToPath } from 'node:url';

/** What tests need and some servers have not. */
export type Feature = 'ingest processors' | 'composable templates' | 'data streams';

/** A server of the Elasticsearch API that can be started here, from the jars of Maven Central. */
export interface Distribution {
  /** Its key in `distributions`, and on command lines. */
  readonly name: string;
  /** Product and version, for people. */
  readonly label: string;
  /** A pom.xml whose dependencies are the class path. */
  readonly pom: string;
  /** Replace the pom's own properties of these names, the version first of all. */
  readonly properties: { readonly [name: string]: string };
  /** A folder of `.java` files, of which the class `Elasticsearch` is started. */
  readonly launcher: string;
  /** The oldest JDK that runs it, as a major version. */
  readonly oldestJdk: number;
  /** Added to the JVM's options. */
  readonly jvmOptions: readonly string[];
  /** Added to the node's settings. */
  readonly settings: { readonly [name: string]: string };
  /** Each feature that it has not, with the reason. */
  readonly lacks: { readonly [feature in Feature]?: string };
}

const unpublished = 'a module of the archive that is not in Maven Central';

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const netty = 'org.elasticsearch.transport.Netty4Plugin';
const reindex = 'org.elasticsearch.index.reindex.ReindexPlugin';
const modules = [
  'org.elasticsearch.analysis.common.CommonAnalysisPlugin',
  'org.elasticsearch.ingest.common.IngestCommonPlugin',
  'org.elasticsearch.painless.PainlessPlugin',
];

interface Version7 {
  readonly version: string;
  readonly lacks: Distribution['lacks'];
  /** Classes on its class path. */
  readonly plugins: readonly string[];
  /** Added to the pom's. */
  readonly properties?: Distribution['properties'];
}

function version7({ version, lacks, plugins, properties }: Version7) {
  return {
    name: version,
    label: `Elasticsearch ${version}`,
    pom: file('7/pom.xml'),
    properties: { 'elasticsearch.version': version, ...properties },
    launcher: file('7/'),
    oldestJdk: 17,
    jvmOptions: [`-Dplugins=${plugins}`],
    settings: {},
    lacks,
  };
}

const withModules = { plugins: [netty, reindex, ...modules], properties: { modules: 'codelibs' } };

/** All of them, oldest first. */
export const distributions = {
  '7.0.1': version7({
    version: '7.0.1',
    lacks: { 'composable templates': 'since 7.8', 'data streams': 'since 7.9' },
    ...withModules,
  }),
  '7.10.2': version7({ version: '7.10.2', lacks: { 'data streams': unpublished }, ...withModules }),
  '7.17.29': version7({
    version: '7.17.29',
    lacks: { 'ingest processors': unpublished, 'data streams': unpublished },
    plugins: [netty, 'org.elasticsearch.reindex.ReindexPlugin'],
  }),
  'opensearch-2.19.1': {
    name: 'opensearch-2.19.1',
    label: 'OpenSearch 2.19.1',
    pom: file('opensearch/pom.xml'),
    properties: {},
    launcher: file('opensearch/'),
    oldestJdk: 17,
    jvmOptions: ['-Dplugins=org.opensearch.transport.Netty4Plugin,org.opensearch.index.reindex.ReindexPlugin'],
    settings: {},
    lacks: { 'ingest processors': unpublished },
  },
} satisfies { readonly [name: string]: Distribution };

export type DistributionName = keyof typeof distributions;

/** What Alibaba Cloud sells most, and what is started where nothing else is asked for. */
export const defaultDistribution: DistributionName = '7.10.2';
