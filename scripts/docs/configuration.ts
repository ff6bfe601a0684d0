import { type Option, options } from '../../shared/options.ts';
import { variables } from '../connector/config/environment.ts';
import { listProperties, type Property } from '../connector/config/property-list.ts';
import { code, page, table } from './markdown.ts';

const settings: { readonly [name: string]: Option<unknown> } = options;

/** The page of every property of s.yaml, with the variable that it becomes, and of the settings that no property covers. */
export function renderConfiguration(): string {
  return page('Configuration', [
    [
      'From [`schema.ts`](../../scripts/connector/config/schema.ts) (properties), [`options.ts`](../../shared/options.ts) (settings of the function) and',
      '[`environment.ts`](../../scripts/connector/config/environment.ts) (which becomes which). How to write an `s.yaml`: [deploy](../deploy.md).',
    ].join('\n'),
    '## Properties of s.yaml',
    [
      'All faults are reported at once, each with its path, by `s verify` and at the start of every command. The variable is the environment variable',
      'of the function that the property becomes; a property without one is for the deployment alone. In `elasticsearch.index` write `{topic}`,',
      'such as `logs-{topic}-{yyyy.MM.dd}`: Serverless Devs runs `${…}` as a template of its own. The variable `ES_INDEX` then holds `${topic}`.',
    ].join('\n'),
    table(['property', 'type', 'default', 'meaning', 'variable'], listProperties().map(propertyRow)),
    '## Settings that no property covers',
    [
      'Set them in `function.environmentVariables`, as texts; a setting that has a property is refused there. An unknown name that looks like one of this',
      'package is a fault, with the nearest known name. Values are never printed. All variables of the function together take at most 4 KB.',
    ].join('\n'),
    table(['variable', 'default', 'meaning', 'allowed'], uncoveredRows()),
  ]);
}

function propertyRow(property: Property): string[] {
  const variable = variableOf(property);
  return [
    code(property.path),
    property.type,
    property.isRequired ? 'required' : defaultOf(property.standard ?? settings[variable]?.default),
    meaningOf(property, settings[variable]),
    variable && code(variable),
  ];
}

/** The variable that a property becomes; empty when it becomes none. */
function variableOf({ path }: Property): string {
  return Object.entries(variables).find(([, { property }]) => property === path)?.[0] ?? '';
}

/** The property's sentence, without the default, which has a column of its own, and with what its setting allows. */
function meaningOf({ description }: Property, setting: Option<unknown> | undefined): string {
  if (!setting) return description;
  const meaning = description.replace(`; default \`${setting.default}\``, '');
  return meaning.includes(setting.allowed) ? meaning : `${meaning}; ${setting.allowed}`;
}

function uncoveredRows(): string[][] {
  const rest = Object.entries(settings).filter(([name]) => !(name in variables));
  return rest.map(([name, setting]) => [code(name), defaultOf(setting.default), setting.description, setting.allowed]);
}

function defaultOf(value: unknown): string {
  return value === undefined ? '' : code(String(value));
}
