import { ExecaError, execa } from 'execa';

const missingMaven = 'Maven is missing: install it (Debian: apt-get install maven; macOS: brew install maven), so that `mvn` is found';

/** The class path of a pom's dependencies in Maven's own local repository; downloads first what is not there. */
export async function resolveJars(pom: string): Promise<string> {
  try {
    // Offline is quick, and works without a network when all is there.
    return await buildClassPath(pom, '-o').catch((error) => (isFailedRun(error) ? download(pom) : Promise.reject(error)));
  } catch (error) {
    throw isFailedRun(error) ? new Error(`Maven could not get the jars that ${pom} names:\n${error.stdout}`) : error;
  }
}

let lastDownload: Promise<unknown> = Promise.resolve();

/** One at a time: two Mavens that fill one repository at once can spoil each other's downloads. */
function download(pom: string): Promise<string> {
  const next = lastDownload.then(() => buildClassPath(pom));
  lastDownload = next.catch(() => undefined);
  return next;
}

async function buildClassPath(pom: string, ...options: readonly string[]): Promise<string> {
  const { stdout } = await maven([...options, '-B', '-ntp', '-f', pom, 'dependency:build-classpath']);
  const classPath = /Dependencies classpath:\n(.+)/.exec(stdout)?.[1];
  if (classPath === undefined) throw new Error(`Maven printed no class path for ${pom}:\n${stdout}`);
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
