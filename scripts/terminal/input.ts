import { readFileSync } from 'node:fs';

/** The bytes of a file, or of standard input for `-`; throws with the option that named it. */
export function readInput(option: string, file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error;
    throw new Error(`${option}: '${file}' cannot be read (${reason}); give the path of a file, or - for standard input.`);
  }
}
