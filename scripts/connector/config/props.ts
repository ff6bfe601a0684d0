import { Ajv, type ErrorObject } from 'ajv';
import { nearestName } from '../../../shared/nearest-name.ts';
import { maxConnectorNameLength } from './names.ts';
import { shownName } from './property-list.ts';
import { type Props, schema } from './schema.ts';

const validate = new Ajv({ allErrors: true, useDefaults: true, strict: false, allowUnionTypes: true }).compile<Props>(schema);

/** Checks the properties of s.yaml and fills in defaults; throws with every fault and its path. */
export function readProps(props: unknown): Props {
  const copy = withTexts(copyOf(props));
  if (!validate(copy)) throw wrong(withoutParts(validate.errors ?? []).map(describe));
  const faults = faultsTogether(copy);
  if (faults.length > 0) throw wrong(faults);
  return copy;
}

/** Copying follows every level, of which a stack has only so many. */
function copyOf(props: unknown): unknown {
  try {
    return structuredClone(props);
  } catch {
    throw wrong(['props: are nested deeper than any property']);
  }
}

function wrong(faults: readonly string[]): Error {
  return new Error(`s.yaml: properties are wrong.\n${[...new Set(faults)].map((fault) => `  ${fault}`).join('\n')}`);
}

/** What is wrong with properties of which each alone is right. */
function faultsTogether({ name, function: { api } }: Props): string[] {
  if (api !== '3.0' || name.length <= maxConnectorNameLength) return [];
  return [
    `name: must have at most ${maxConnectorNameLength} characters with function.api '3.0', where the function is named kafka-service-<name>-<8 characters>, which may have 64`,
  ];
}

/** YAML reads `2024` and `false` as no texts; where a text is meant they are its digits and letters. Not of a fraction: of `1.10` it leaves `1.1`. */
function withTexts(props: unknown): unknown {
  if (!isObject(props)) return props;
  const { elasticsearch, function: fc } = props;
  const variables = isObject(fc) ? fc.environmentVariables : undefined;
  return {
    ...props,
    ...(isObject(elasticsearch) &&
      'index' in elasticsearch && { elasticsearch: { ...elasticsearch, index: asPattern(elasticsearch.index) } }),
    ...(isObject(fc) && isObject(variables) && { function: { ...fc, environmentVariables: mapValues(variables, asText) } }),
  };
}

function asText(value: unknown): unknown {
  return Number.isSafeInteger(value) || typeof value === 'boolean' ? String(value) : value;
}

/** Serverless Devs takes `${topic}` in s.yaml for a template of its own; without the `$` it leaves it alone. */
function asPattern(value: unknown): unknown {
  const text = asText(value);
  return typeof text === 'string' ? text.replace(/(?<!\$)\{topic\}/g, () => '${topic}') : text;
}

function mapValues(object: SchemaNode, change: (value: unknown) => unknown): SchemaNode {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

function isObject(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Leaves out faults that mislead: where no alternative fits, the faults of each alternative would only confuse. */
function withoutParts(errors: readonly ErrorObject[]): ErrorObject[] {
  const alternatives = errors.filter(({ keyword }) => keyword === 'anyOf');
  // An `if` says only that its `then` has a fault.
  return errors.filter(
    (error) =>
      error.keyword !== 'if' &&
      (alternatives.includes(error) || !alternatives.some(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`))),
  );
}

const types: { readonly [type: string]: string } = {
  string: 'text; put it in quotes',
  integer: 'a whole number, without quotes',
  boolean: 'true or false, without quotes',
  object: 'properties of its own, each on a line, indented',
  array: 'a list',
};

/** What each keyword of the schema demands, in words. */
const words: { readonly [keyword: string]: (params: ErrorObject['params']) => string } = {
  type: ({ type }) => `must be ${types[type] ?? type}`,
  minLength: () => 'must not be empty',
  minItems: () => 'must not be empty',
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  multipleOf: ({ multipleOf }) => `must be a multiple of ${multipleOf}`,
};

/** Values are not repeated: one may be a password in the wrong place. */
function describe({ instancePath, keyword, message = '', params, schemaPath }: ErrorObject): string {
  const path = instancePath.slice(1).split('/').map(shownName).join('.').replace(/^…$/, '');
  const at = (property: string) => [path, property].filter(Boolean).join('.');
  if (keyword === 'additionalProperties') {
    const known = propertiesAt(schemaPath);
    return `${at(shownName(params.additionalProperty))}: is not a property${hint(params.additionalProperty, known)} There are ${known.join(', ')}`;
  }
  if (keyword === 'required') return `${at(params.missingProperty)}: is missing`;
  if (keyword === 'enum' && schemaPath.endsWith('/then/enum')) return `${path}: must be ${params.allowedValues.join(', ')}`;
  if (keyword === 'enum') return `${path}: must be one of ${params.allowedValues.join(', ')}`;
  if (keyword === 'anyOf') return `${path}: ${descriptionAt(schemaPath) ?? message}`;
  return `${path || 'props'}: ${words[keyword]?.(params) ?? message}`;
}

function hint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '.' : `; did you mean ${nearest}?`;
}

interface SchemaNode {
  readonly [name: string]: unknown;
}

function nodeAt(schemaPath: string): SchemaNode {
  const steps = schemaPath.split('/').slice(1, -1);
  return steps.reduce<SchemaNode>((node, step) => (node[step] ?? {}) as SchemaNode, schema);
}

function propertiesAt(schemaPath: string): string[] {
  return Object.keys((nodeAt(schemaPath).properties ?? {}) as object);
}

function descriptionAt(schemaPath: string): string | undefined {
  const { description } = nodeAt(schemaPath);
  return typeof description === 'string' ? description : undefined;
}
