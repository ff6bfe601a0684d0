import { ExecaError, execa } from 'execa';

const missingMaven = 'Maven is missing: install it (Debian: apt-get install maven; macOS: brew install maven), so that `mvn` is found';

/** The class path of a pom's dependencies in Maven's own local repository; downloads first what is not there. `properties` replace the pom's. */
export async function resolveJars(pom: string, properties: { readonly [name: string]: string } = {}): Promise<string> {
  const args = ['-f', pom, ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`)];
  try {
    // Offline is quick, and works without a network when all is there.
    return await buildClassPath(['-o', ...args]).catch((error) => (isFailedRun(error) ? download(args) : Promise.reject(error)));
  } catch (error) {
    throw isFailedRun(error)
      ? new Error(`Maven could not get the jars that ${pom} names:\n${[error.stdout, error.stderr].join('\n').trim()}`)
      : error;
  }
}

let lastDownload: Promise<unknown> = Promise.resolve();

/** One at a time: two Mavens that fill one repository at once can spoil each other's downloads. */
function download(args: readonly string[]): Promise<string> {
  const next = lastDownload.then(() => buildClassPath(args));
  lastDownload = next.catch(() => undefined);
  return next;
}

async function buildClassPath(args: readonly string[]): Promise<string> {
  const { stdout } = await maven([...args, '-B', '-ntp', 'dependency:build-classpath']);
  const classPath = /Dependencies classpath:\n(.+)/.exec(stdout)?.[1];
  if (classPath === undefined) throw new Error(`Maven printed no class path for ${args.join(' ')}:\n${stdout}`);
  return classPath;
}

async function maven(args: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await execa('mvn', args, { stdin: 'ignore' });
  } catch (error) {
    throw error instanceof ExecaError && error.code === 'ENOENT' ? new Error(missingMaven) : error;
  }
}

function isFailedRun(error: unknown): error is ExecaError {
  return error instanceof ExecaError;
}
