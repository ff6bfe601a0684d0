import { buildPackage, packageFolder } from '../bundle/package.ts';
import { localAccount } from '../local/runtime/function-config.ts';
import { LocalFunction } from '../local/runtime/local-function.ts';
import { note, print } from '../terminal/output.ts';
import { endAtSignals, messageOf } from '../terminal/program.ts';
import { type InvokeOptions, parseOptions, usage } from './invoke-options.ts';

endAtSignals();

try {
  process.exitCode = await main();
} catch (error) {
  note(messageOf(error));
  process.exitCode = 1;
}

/** Resolves to the exit code: 0 when the function did not fail. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (!options) {
    print(usage);
    return 0;
  }
  await buildPackage();
  return await invoke(options);
}

/** The log goes to standard error as it comes, the response to standard output, both as `s invoke` shows them. */
async function invoke({ environmentVariables, event, generation, inspect, timeoutSeconds }: InvokeOptions): Promise<number> {
  const config = {
    generation,
    ...localAccount,
    functionName: 'kafka-elasticsearch-sink',
    codePath: packageFolder,
    handler: 'index.handler',
    initializer: { handler: 'index.initialize', timeout: 300 },
    preStop: { handler: 'index.preStop', timeout: 10 },
    environmentVariables,
    timeout: timeoutSeconds,
    memorySize: 512,
  } as const;
  const onLog = ({ text }: { readonly text: string }) => note(text);
  await using fc = new LocalFunction(config, { onLog, ...(inspect !== undefined && { inspect }) });
  note('========= FC invoke Logs begin =========');
  const { body, functionError } = await fc.invoke(event);
  note('========= FC invoke Logs end =========\n');
  print(`FC Invoke Result:\n${body}`);
  return functionError === undefined ? 0 : 1;
}
