import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** The function's memory. */
export const memoryLimitMb = 512;

/** Starts a process with no environment, options or output of this one: what is measured depends on nothing here. */
export function forkAlone(program: URL, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const execArgv = [`--max-old-space-size=${memoryLimitMb}`];
  return fork(program, args, { env, execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
}

/** Rejects when the process ends instead. */
export function nextMessage<Message>(process: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null) => {
      reject(new Error(`the process ended with ${signal ?? `code ${code}`}`));
    };
    process.once('exit', onExit);
    process.once('message', (message) => {
      process.off('exit', onExit);
      resolve(message as Message);
    });
  });
}

/** Ends the process, if it runs, and resolves when it is gone. */
export async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.kill('SIGKILL');
  await exit;
}
