import { schema } from './schema.ts';

/** A property of s.yaml as documents and help tell of it. */
export interface Property {
  /** The path of the property, for example `kafka.topic`. */
  readonly path: string;
  readonly isRequired: boolean;
  /** The type for people, with its limits, for example `integer, 1 to 300`. */
  readonly type: string;
  /** The default. */
  readonly standard: string | undefined;
  readonly description: string;
}

interface SchemaNode {
  readonly properties?: { readonly [name: string]: SchemaNode };
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly anyOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
}

const plainName = /^[\w-]{1,64}$/;

/** The name of a property as far as it is one: behind it may stand a value, where a space or a line break is missing, and that value may be a password. */
export function shownName(name: string): string {
  return plainName.test(name) ? name : `${/^[\w-]{0,64}/.exec(name)?.[0]}…`;
}

/** Every property that holds a value, in the schema's order. */
export function listProperties(): Property[] {
  return leaves(schema, '', true);
}

function leaves({ properties = {}, required = [] }: SchemaNode, parent: string, isNeeded: boolean): Property[] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const path = `${parent}${name}`;
    const isRequired = isNeeded && required.includes(name);
    if (node.properties) return leaves(node, `${path}.`, isRequired);
    const standard = node.default === undefined || typeof node.default === 'object' ? undefined : String(node.default);
    const choices = node.enum ? `${node.enum.map((choice) => `\`${choice}\``).join(', ')}: ` : '';
    return [{ path, isRequired, type: typeOf(node), standard, description: `${choices}${node.description ?? ''}` }];
  });
}

function typeOf({ anyOf, maximum, minimum, multipleOf, type = '' }: SchemaNode): string {
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  const range = minimum === undefined || maximum === undefined ? '' : `, ${minimum} to ${maximum}`;
  return `${type}${range}${multipleOf === undefined ? '' : `, in steps of ${multipleOf}`}`;
}
