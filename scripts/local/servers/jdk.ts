import { execa } from 'execa';

const oldestJdk = 17;
const remedy = `install a JDK, ${oldestJdk} or newer (Debian: apt-get install openjdk-17-jdk-headless; macOS: brew install openjdk@17), so that \`javac\` is found`;

/** Throws, with what to install, when there is no JDK; a Java runtime alone cannot start the launchers, which are source files. */
export async function requireJdk(): Promise<void> {
  const { stdout, failed } = await execa('javac', ['-version'], { reject: false });
  const version = Number(/^javac (\d+)/.exec(stdout ?? '')?.[1]);
  if (failed || Number.isNaN(version)) throw new Error(`Java is missing: ${remedy}`);
  if (version < oldestJdk) throw new Error(`Java ${version} is too old: ${remedy}`);
}
