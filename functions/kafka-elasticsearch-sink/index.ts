import type { Transport } from '@elastic/transport';
import { readSettings, type Settings } from '../../shared/settings.ts';
import { createTransport } from './elasticsearch/client.ts';
import { createLog } from './log.ts';
import { deliver } from './pipeline.ts';
import type { Result } from './settle.ts';

/** The part of Function Compute's context that is used: https://www.alibabacloud.com/help/en/functioncompute/fc/context-3 */
interface Context {
  readonly requestId: string;
}

let sink: { readonly settings: Settings; readonly transport: Transport } | undefined;

function open(): NonNullable<typeof sink> {
  const settings = readSettings(process.env);
  sink = { settings, transport: createTransport(settings) };
  return sink;
}

/** Runs once an instance, before its first event; throws `SettingsInvalid`. */
export async function initialize(): Promise<void> {
  open();
}

/** Runs for each event; an error that it throws makes the trigger deliver the event again. */
export async function handler(event: Buffer, { requestId }: Context): Promise<Result> {
  const started = performance.now();
  const log = createLog(requestId);
  const { settings, transport } = sink ?? open();
  try {
    const result = await deliver(event, settings, transport, log);
    log('info', 'delivered', { ...result, tookMs: Math.round(performance.now() - started) });
    return result;
  } catch (error) {
    log('error', error instanceof Error ? error.message : 'unknown', { error: error instanceof Error ? error.name : 'unknown' });
    throw error;
  }
}

/** Runs once, before the instance ends. */
export async function preStop(): Promise<void> {
  await sink?.transport.connectionPool.empty();
  sink = undefined;
}
