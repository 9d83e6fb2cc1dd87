import { destination, type Logger, pino } from "pino";

export type Log = Logger;

/** JSON lines on stderr, written at once: what was logged before a crash is there after it. stdout stays the command's own. */
export function createLog(): Log {
  return pino({ base: null }, destination({ dest: 2, sync: true }));
}
