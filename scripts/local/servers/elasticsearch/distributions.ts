import { fileURLToPath } from 'node:url';

/** What tests need and some servers have not. */
export type Feature =
  | 'ingest processors'
  | 'composable templates'
  | 'creating without id'
  | 'final pipelines'
  | 'limits of names'
  | 'data streams'
  | 'hidden data streams'
  | 'required aliases'
  | 'required data streams'
  | 'routed data streams'
  | 'failure store'
  | 'time series';

export type DistributionName = '7.0.1' | '7.5.1-secured' | '7.10.2' | '7.17.29' | '8.19.21' | '9.5.3' | 'opensearch-2.19.1';

/** A server of the Elasticsearch API that can be started here, from the jars of Maven Central. */
export interface Distribution {
  /** Its key in `distributions`, and on command lines. */
  readonly name: DistributionName;
  /** Product and version, for people. */
  readonly label: string;
  /** A pom.xml whose dependencies are the class path. */
  readonly pom: string;
  /** Replace the pom's own properties of these names, the version first of all. */
  readonly properties: { readonly [name: string]: string };
  /** Folders of `.java` files, of which the class `Elasticsearch` is started. */
  readonly launcher: readonly string[];
  /** The oldest JDK that runs it, as a major version. */
  readonly oldestJdk: number;
  /** Added to the JVM's options. */
  readonly jvmOptions: readonly string[];
  /** Added to the node's settings. */
  readonly settings: { readonly [name: string]: string };
  /** Each feature that it has not, with the reason. */
  readonly lacks: { readonly [feature in Feature]?: string };
  /** The types of the errors that name the same thing otherwise in other versions. */
  readonly errorTypes: ErrorTypes;
}

interface ErrorTypes {
  /** A document that does not fit its mapping, or is not JSON. */
  readonly unfit: string;
  /** A document with a field that would be one more than the index takes. */
  readonly tooManyFields: string;
}

const argument = 'illegal_argument_exception';
const mapper = 'mapper_parsing_exception';
const document = 'document_parsing_exception';

/** What Elasticsearch has in version 8 only. */
const later = { 'failure store': 'since 8.19', 'required data streams': 'since 8.13', 'time series': 'since 8.7' };
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
  readonly errorTypes: ErrorTypes;
  /** Classes on its class path. */
  readonly plugins: readonly string[];
  /** Added to the pom's. */
  readonly properties?: Distribution['properties'];
}

function version7({ version, plugins, properties, ...others }: Version7): Omit<Distribution, 'name'> {
  return {
    label: `Elasticsearch ${version}`,
    pom: file('7/pom.xml'),
    properties: { 'elasticsearch.version': version, ...properties },
    launcher: [file('7/')],
    oldestJdk: 17,
    jvmOptions: [`-Dplugins=${plugins}`],
    settings: {},
    ...others,
  };
}

/** Versions 8 and 9, which differ in a few classes of their own. */
function modern(version: DistributionName, oldestJdk: number): Distribution {
  const [major] = version.split('.');
  return {
    name: version,
    label: `Elasticsearch ${version}`,
    pom: file('modern/pom.xml'),
    properties: { 'elasticsearch.version': version },
    launcher: [file('modern/common/'), file(`modern/${major}/`)],
    oldestJdk,
    jvmOptions: [],
    // As in version 7: what tests make is deleted by the beginning of its names.
    settings: { 'action.destructive_requires_name': 'false' },
    lacks: { 'ingest processors': unpublished },
    errorTypes: { unfit: document, tooManyFields: document },
  };
}

/** 7.0 to 7.10. */
const withModules = {
  errorTypes: { unfit: mapper, tooManyFields: argument },
  plugins: [netty, reindex, ...modules],
  properties: { modules: 'codelibs' },
};

/** All of them, oldest first. */
export const distributions: { readonly [name in DistributionName]: Distribution } = {
  '7.0.1': {
    name: '7.0.1',
    ...version7({
      version: '7.0.1',
      lacks: {
        'composable templates': 'since 7.8',
        'creating without id': 'refused by 7.0',
        'final pipelines': 'since 7.5',
        'limits of names': 'not in 7.0',
        'required aliases': 'since 7.10',
        'data streams': 'since 7.9',
        ...later,
      },
      ...withModules,
    }),
  },
  '7.5.1-secured': {
    ...version7({
      version: '7.5.1',
      lacks: { 'composable templates': 'since 7.8', 'data streams': 'since 7.9', 'required aliases': 'since 7.10', ...later },
      errorTypes: { unfit: mapper, tooManyFields: argument },
      properties: { modules: 'codelibs', 'search-guard.version': '7.5.1-38.0.0' },
      plugins: [netty, reindex, ...modules, 'RolesOfFile', 'com.floragunn.searchguard.SearchGuardPlugin'],
    }),
    name: '7.5.1-secured',
    label: 'Elasticsearch 7.5.1 with Search Guard',
    launcher: [file('7/'), file('search-guard/')],
    settings: {
      'searchguard.enterprise_modules_enabled': 'false',
      'searchguard.allow_default_init_sgindex': 'true',
      'searchguard.ssl.transport.enforce_hostname_verification': 'false',
    },
  },
  '7.10.2': { name: '7.10.2', ...version7({ version: '7.10.2', lacks: { 'data streams': unpublished, ...later }, ...withModules }) },
  '7.17.29': {
    name: '7.17.29',
    ...version7({
      version: '7.17.29',
      lacks: { 'ingest processors': unpublished, 'data streams': unpublished, ...later },
      errorTypes: { unfit: mapper, tooManyFields: mapper },
      plugins: [netty, 'org.elasticsearch.reindex.ReindexPlugin'],
    }),
  },
  '8.19.21': modern('8.19.21', 17),
  '9.5.3': modern('9.5.3', 21),
  'opensearch-2.19.1': {
    name: 'opensearch-2.19.1',
    label: 'OpenSearch 2.19.1',
    pom: file('opensearch/pom.xml'),
    properties: {},
    launcher: [file('opensearch/')],
    oldestJdk: 17,
    jvmOptions: ['-Dplugins=org.opensearch.transport.Netty4Plugin,org.opensearch.index.reindex.ReindexPlugin'],
    settings: {},
    lacks: {
      'ingest processors': unpublished,
      'failure store': "not OpenSearch's",
      'hidden data streams': 'in OpenSearch none begins with a dot',
      'required data streams': "not OpenSearch's",
      'routed data streams': 'in OpenSearch none can allow it',
      'time series': "not OpenSearch's",
    },
    errorTypes: { unfit: mapper, tooManyFields: argument },
  },
};

/** What Alibaba Cloud sells most, and what is started where nothing else is asked for. */
export const defaultDistribution: DistributionName = '7.10.2';
