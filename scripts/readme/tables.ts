import { failures, rejections } from '../../shared/errors.ts';
import { type Option, options } from '../../shared/options.ts';
import { listProperties } from '../connector/config/property-list.ts';

/** The README's tables by the name of the comment that they stand under. */
const tables: { readonly [name: string]: () => string } = {
  properties: () => table(['property', 'default', 'meaning'], propertyRows()),
  settings: () => table(['name', 'default', 'meaning', 'allowed'], settingRows()),
  errors: () => table(['error', 'cause', 'what to do', 'heals by redelivery'], errorRows()),
  rejections: () =>
    table(
      ['type', 'the record can never be written, because'],
      Object.entries(rejections).map(([type, cause]) => [code(type), cause]),
    ),
};

/** The README with its generated tables as `shared/` has them now; throws when a comment that marks one is missing. */
export function renderTables(readme: string): string {
  return Object.entries(tables).reduce((text, [name, render]) => {
    const [start, end] = [`<!-- ${name}: made by npm run readme -->\n`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < 0) throw new Error(`README.md: the comments around the table of ${name} are missing`);
    return `${text.slice(0, from + start.length)}\n${render()}\n${text.slice(to)}`;
  }, readme);
}

function propertyRows(): string[][] {
  return listProperties().map(({ path, isRequired, standard, description }) => {
    return [code(path), isRequired ? 'required' : standard === undefined ? '' : code(standard), description];
  });
}

function settingRows(): string[][] {
  return Object.entries<Option<unknown>>(options).map(([name, option]) => [
    code(name),
    defaultOf(option),
    option.description,
    option.allowed,
  ]);
}

function defaultOf(option: Option<unknown>): string {
  if (option.required) return 'required';
  return option.default === undefined ? '' : code(String(option.default));
}

function errorRows(): string[][] {
  return Object.entries(failures).map(([name, { cause, remedy, heals }]) => [code(name), cause, remedy, heals ? 'yes' : 'no']);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

function code(text: string): string {
  return `\`${text}\``;
}
