import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, textAt } from '../http.ts';
import { crc64 } from './crc64.ts';
import { invalid } from './resource.ts';
import { unzip, ZipError } from './zip.ts';

/** What the API tells of a code package. */
interface CodeInfo {
  readonly codeSize: number;
  readonly codeChecksum: string;
}

/** The code of each function, by its id, as archive and unpacked; each package in a folder of its own, so that running instances keep theirs. */
export class CodeStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'code');
  }

  /** Unpacks `zipFile`, base64; throws `CloudError` for what is no archive, or leads out of its folder. */
  put(id: string, code: JsonObject): CodeInfo {
    const zipFile = textAt(code, 'zipFile');
    if (zipFile === undefined) throw invalid('code.zipFile is required: code from OSS is not supported here');
    const archive = Buffer.from(zipFile, 'base64');
    const codeChecksum = crc64(archive);
    const folder = this.pathOf(id, codeChecksum);
    if (!existsSync(folder)) this.#unpack(archive, folder);
    return { codeSize: archive.length, codeChecksum };
  }

  /** The folder of the unpacked code. */
  pathOf(id: string, checksum: string): string {
    return join(this.#folder, id, checksum);
  }

  archive(id: string, checksum: string): Buffer {
    return readFileSync(`${this.pathOf(id, checksum)}.zip`);
  }

  remove(id: string): void {
    rmSync(join(this.#folder, id), { recursive: true, force: true });
  }

  #unpack(archive: Buffer, folder: string): void {
    mkdirSync(join(folder, '..'), { recursive: true });
    try {
      unzip(archive, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      if (error instanceof ZipError) throw invalid(`code.zipFile: ${error.message}`);
      throw error;
    }
    writeFileSync(`${folder}.zip`, archive);
  }
}
