import { deliveredMessage, type FailureFields } from '../../shared/log-events.ts';
import { readSettings, type Settings } from '../../shared/settings.ts';
import { readCertificate } from './certificate.ts';
import { Deadline, systemClock } from './clock.ts';
import { invisibleEndings } from './credentials.ts';
import { decode, isCommand } from './decode.ts';
import { Client } from './elasticsearch/client.ts';
import { documentIndexBody } from './elasticsearch/index-bodies.ts';
import { RecentWrites } from './elasticsearch/recent-writes.ts';
import type { Session } from './elasticsearch/session.ts';
import { Targets } from './elasticsearch/targets.ts';
import { createErrorDestination } from './error-destination.ts';
import { createLog, type Log } from './log.ts';
import { Mapper } from './map.ts';
import { deliver, type Sink } from './pipeline.ts';

/** The part of Function Compute's context that is used: https://www.alibabacloud.com/help/en/functioncompute/fc/context-3 */
interface Context {
  readonly requestId: string;
  /** `timeout` is in seconds. */
  readonly function?: { readonly timeout?: number };
}

interface Instance extends Sink {
  readonly settings: Settings;
  readonly client: Client;
  /** What a person should know of the settings, until it is logged. */
  warnings: readonly string[];
}

let instance: Instance | undefined;

function open(): Instance {
  const settings = readSettings(process.env);
  // The Kafka client, which needs it, may not be loaded for days.
  if (settings.KAFKA_CA !== undefined) readCertificate('KAFKA_CA', settings.KAFKA_CA);
  const recentWrites = new RecentWrites();
  instance = {
    settings,
    client: new Client(settings),
    mapper: new Mapper(settings),
    targets: new Targets(settings.CREATE_INDEX ? documentIndexBody(settings) : undefined, recentWrites),
    recentWrites,
    errorDestination: createErrorDestination(settings),
    version: 'not-requested',
    warnings: invisibleEndings(settings),
  };
  return instance;
}

/** Runs once an instance, before its first event; throws `SettingsInvalid`. */
export async function initialize(): Promise<void> {
  open();
}

const defaultTimeoutSeconds = 60;

function openSession({ client, settings }: Instance, context: Context, log: Log): Session {
  const timeoutMs = (context.function?.timeout ?? defaultTimeoutSeconds) * 1000;
  const deadline = (reserveMs: number) => new Deadline(systemClock, timeoutMs, reserveMs);
  const reserveMs = settings.DEADLINE_RESERVE_MS;
  return { client, settings, clock: systemClock, log, deadline: deadline(reserveMs), handoverDeadline: deadline(reserveMs / 4) };
}

/** Runs for each event; an error that it throws makes the trigger deliver the event again. */
export async function handler(event: Buffer, context: Context): Promise<unknown> {
  const started = systemClock.now();
  let log = createLog(context.requestId, 'info');
  let during: 'command' | undefined;
  let lookups: Promise<void> | undefined;
  try {
    const sink = instance ?? open();
    log = createLog(context.requestId, sink.settings.LOG_LEVEL);
    const session = openSession(sink, context, log);
    lookups = sink.targets.lookAgain(session);
    const decoded = decode(event);
    if (isCommand(decoded)) {
      during = 'command';
      return await (await import('./commands.ts')).runCommand(decoded, session, sink);
    }
    const counts = await deliver(decoded, sink, session);
    const result = { ...counts, tookMs: Math.round(systemClock.now() - started) };
    log('info', deliveredMessage, result);
    return result;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    log('error', message, { error: name, during } satisfies FailureFields);
    throw error;
  } finally {
    // No request may be left on its way in an instance that is frozen now.
    await lookups;
    if (instance) warn(instance, log);
  }
}

/** Logs each warning once, not at each event. */
function warn(sink: Instance, log: Log): void {
  for (const warning of [...sink.warnings, ...sink.client.takeWarnings()]) log('warn', warning);
  sink.warnings = [];
}

/** Runs once, before the instance ends. */
export async function preStop(): Promise<void> {
  await instance?.client.close();
  instance = undefined;
}
