type Level = 'info' | 'error';

/** Writes one line; fields never hold a record's key or value, or a secret. */
export type Log = (level: Level, message: string, fields?: object) => void;

/** A log of one invocation: one JSON object a line on standard output, where Function Compute collects it. */
export function createLog(requestId: string): Log {
  return (level, message, fields) => {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, requestId, message, ...fields })}\n`);
  };
}
