import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** A Java development kit. */
export interface Jdk {
  /** What precedes `java` and `javac` on a command line: a folder with a slash, or nothing for those of PATH. */
  readonly bin: string;
  /** The major version, such as 17. */
  readonly version: number;
}

/** Where systems keep several JDKs beside each other: Debian and Fedora, macOS. */
const shelves = [
  { folder: '/usr/lib/jvm', bin: 'bin/' },
  { folder: '/Library/Java/JavaVirtualMachines', bin: 'Contents/Home/bin/' },
];

/**
 * The first JDK of this version or a newer one: that of JAVA_HOME, of PATH, then those that the system keeps beside it, oldest first. Throws, with
 * what to install, when there is none; a Java runtime alone cannot start the launchers, which are compiled here.
 */
export async function requireJdk(oldest: number): Promise<Jdk> {
  const jdk = await findJdk(oldest);
  if (jdk === undefined) throw new Error(`No JDK of version ${oldest} or newer was found: ${remedy(oldest)}`);
  return jdk;
}

/** As `requireJdk`, but undefined when there is none. */
export async function findJdk(oldest: number): Promise<Jdk | undefined> {
  const isNewEnough = (jdk: Jdk) => jdk.version >= oldest;
  const { JAVA_HOME } = process.env;
  const preferred = await inspectAll([...(JAVA_HOME ? [join(JAVA_HOME, 'bin/')] : []), '']);
  return preferred.find(isNewEnough) ?? (await keptBesides()).find(isNewEnough);
}

function remedy(oldest: number): string {
  return `install one (Debian: apt-get install openjdk-${oldest}-jdk-headless, or Temurin's packages; macOS: brew install openjdk@${oldest}), so that \`javac\` is on PATH, in JAVA_HOME, or in /usr/lib/jvm`;
}

async function keptBesides(): Promise<Jdk[]> {
  const bins = await Promise.all(
    shelves.map(async ({ folder, bin }) => {
      const names = await readdir(folder).catch(() => []);
      return names.toSorted().map((name) => join(folder, name, bin));
    }),
  );
  const jdks = await inspectAll(bins.flat());
  return jdks.toSorted((one, other) => one.version - other.version);
}

async function inspectAll(bins: readonly string[]): Promise<Jdk[]> {
  const jdks = await Promise.all(bins.map(inspect));
  return jdks.filter((jdk) => jdk !== undefined);
}

async function inspect(bin: string): Promise<Jdk | undefined> {
  const { stdout } = await execa(`${bin}javac`, ['-version'], { reject: false });
  const version = Number(/^javac (\d+)/.exec(stdout ?? '')?.[1]);
  return Number.isNaN(version) ? undefined : { bin, version };
}
