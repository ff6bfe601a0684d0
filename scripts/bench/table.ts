/** A column's title and its width in characters; texts are left-aligned by a negative width, as `printf` does. */
export type Column = readonly [title: string, width: number];

/** Prints a titled table's head; the function that it returns prints a row, so that a long run shows its progress. */
export function printTable(title: string, columns: readonly Column[]): (...cells: readonly string[]) => void {
  const printRow = (...cells: readonly string[]) => {
    const aligned = cells.map((cell, index) => align(cell, columns[index]?.[1] ?? 0));
    process.stdout.write(`${aligned.join('  ').trimEnd()}\n`);
  };
  process.stdout.write(`\n${title}\n\n`);
  printRow(...columns.map(([heading]) => heading));
  return printRow;
}

function align(cell: string, width: number): string {
  return width < 0 ? cell.padEnd(-width) : cell.padStart(width);
}
