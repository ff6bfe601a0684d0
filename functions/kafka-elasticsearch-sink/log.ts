import { offsetAsText } from '../../shared/position.ts';
import { printable } from '../../shared/printable.ts';
import type { Settings } from '../../shared/settings.ts';

export type Level = Settings['LOG_LEVEL'];

/** Writes one line; fields never hold a record's key or value, or a secret. */
export type Log = (level: Level, message: string, fields?: object) => void;

const levels: readonly Level[] = ['error', 'warn', 'info', 'debug'];
/** A line that is longer is cut by Function Compute, and would be no JSON: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
const maxLineBytes = 32 * 1024;
const maxMessageLength = 4000;

/**
 * The log of one invocation: one JSON object a line on standard output, where Function Compute collects it, of the level `leastSevere` and those
 * above it.
 */
export function createLog(requestId: string, leastSevere: Level): Log {
  return (level, message, fields) => {
    if (levels.indexOf(level) > levels.indexOf(leastSevere)) return;
    const head = { time: new Date().toISOString(), level, requestId };
    const line = lineOf({ ...head, message, ...fields });
    const isTooLong = Buffer.byteLength(line) > maxLineBytes;
    process.stdout.write(`${isTooLong ? lineOf({ ...head, message: message.slice(0, maxMessageLength), isCut: true }) : line}\n`);
  };
}

/** JSON on one line, wherever it is shown: `JSON.stringify` leaves some characters as they are that a terminal obeys. */
function lineOf(members: object): string {
  return printable(JSON.stringify(members, offsetAsText));
}
