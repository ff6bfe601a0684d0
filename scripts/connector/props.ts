import { Ajv, type ErrorObject } from 'ajv';
import leven from 'leven';
import { type Props, schema } from './schema.ts';

const nearMissLetters = 3;

/** Checks the properties of s.yaml and fills in defaults; throws with every fault and its path. */
export function readProps(props: unknown): Props {
  const validate = new Ajv({ allErrors: true, useDefaults: true, strict: false, allowUnionTypes: true }).compile<Props>(schema);
  const copy: unknown = structuredClone(props);
  if (validate(copy)) return copy;
  const faults = withoutParts(validate.errors ?? []).map(describe);
  throw new Error(`s.yaml: properties are wrong.\n${[...new Set(faults)].map((fault) => `  ${fault}`).join('\n')}`);
}

/** Where no alternative fits, the faults of each alternative would only confuse. */
function withoutParts(errors: readonly ErrorObject[]): ErrorObject[] {
  const alternatives = errors.filter(({ keyword }) => keyword === 'anyOf');
  return errors.filter(
    (error) => alternatives.includes(error) || !alternatives.some(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`)),
  );
}

/** Values are not repeated: one may be a password in the wrong place. */
function describe({ instancePath, keyword, message = '', params, schemaPath }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const at = (property: string) => [path, property].filter(Boolean).join('.');
  if (keyword === 'additionalProperties') {
    const known = propertiesAt(schemaPath);
    return `${at(params.additionalProperty)}: is not a property${hint(params.additionalProperty, known)} There are ${known.join(', ')}`;
  }
  if (keyword === 'required') return `${at(params.missingProperty)}: is missing`;
  if (keyword === 'enum') return `${path}: must be one of ${params.allowedValues.join(', ')}`;
  if (keyword === 'anyOf') return `${path}: ${descriptionAt(schemaPath) ?? message}`;
  return `${path || 'props'}: ${message}`;
}

function hint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '.' : `; did you mean ${nearest}?`;
}

/** The known name that the misspelt one was probably meant to be. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => ({ candidate, distance: leven(name.toLowerCase(), candidate.toLowerCase()) }));
  const [nearest] = distances.sort((left, right) => left.distance - right.distance);
  return nearest && nearest.distance <= nearMissLetters ? nearest.candidate : undefined;
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
