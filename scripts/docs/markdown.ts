/** A page of these paragraphs, with a line that keeps people from editing it. */
export function page(title: string, paragraphs: readonly string[]): string {
  return `${['<!-- Made by `npm run docs`: change the sources, not this file. -->', `# ${title}`, ...paragraphs].join('\n\n')}\n`;
}

/** A table; bars within its cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The text as code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** The lines as a block of code. */
export function codeBlock(lines: string): string {
  return `\`\`\`text\n${lines}\n\`\`\``;
}
