import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionConfig, localAccount } from '../../../scripts/local/runtime/function-config.ts';
import type { LogLine } from '../../../scripts/local/runtime/invocation-log.ts';
import { type InvocationResponse, LocalFunction, type LocalFunctionOptions } from '../../../scripts/local/runtime/local-function.ts';

/** A function made of a few lines of code, deployed locally, with what it logged. */
export interface InlineFunction extends AsyncDisposable {
  readonly fc: LocalFunction;
  readonly codePath: string;
  readonly lines: LogLine[];
  /** Invokes it with a text, and reads its response as text. */
  call(event?: string): Promise<InvocationResponse & { readonly text: string }>;
}

/** `code`: of `index.js` or `file`, whose `handler` is called. */
export async function deployInline(
  code: string,
  changes: Partial<FunctionConfig> = {},
  { file = 'index.js', ...options }: LocalFunctionOptions & { readonly file?: string } = {},
): Promise<InlineFunction> {
  const codePath = await mkdtemp(join(tmpdir(), 'deployed-'));
  await writeFile(join(codePath, file), code);
  const lines: LogLine[] = [];
  const base = { functionName: 'test', codePath, handler: 'index.handler', environmentVariables: {}, timeout: 10, memorySize: 256 };
  const config: FunctionConfig = { generation: '3.0', ...localAccount, ...base, ...changes };
  const fc = new LocalFunction(config, { onLog: (line) => lines.push(line), ...options });
  const call = async (event = '') => {
    const invocation = await fc.invoke(Buffer.from(event), { logTail: true });
    return { ...invocation, text: invocation.body.toString() };
  };
  const dispose = async () => {
    await fc.stop();
    await rm(codePath, { recursive: true });
  };
  return { fc, codePath, lines, call, [Symbol.asyncDispose]: dispose };
}
