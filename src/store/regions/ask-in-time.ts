import type { Line } from "./http.ts";
import { type Reply, unheard } from "./reply.ts";
import type { RetryBudget } from "./retry-budget.ts";

const LATE = unheard("no answer in time");

/** What one call may use up. */
export interface Means {
  readonly timeoutMs: number; // for all of it
  readonly budget: RetryBudget;
  readonly now: () => number; // ms of a clock that never steps
  readonly onRetry: () => void;
}

/**
 * Asks a source for one key, and once more where the first try failed in the first half of the time, asking again may help, and
 * the budget has a retry left. Resolves within timeoutMs whatever the line does; never rejects.
 */
export function askInTime(line: Line, key: string, means: Means): Promise<Reply> {
  const abort = new AbortController();
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(LATE);
      abort.abort();
    }, means.timeoutMs);
    timer.unref();
    void tryTwice(line, key, abort.signal, means).then((reply) => {
      clearTimeout(timer);
      resolve(reply);
    });
  });
}

async function tryTwice(line: Line, key: string, signal: AbortSignal, { timeoutMs, budget, now, onRetry }: Means): Promise<Reply> {
  const begunMs = now();
  budget.earn();
  const first = await line.ask(key, signal);
  if (first.kind !== "failed" || !first.mayRetry || now() - begunMs >= timeoutMs / 2 || !budget.spend()) return first;
  onRetry();
  return line.ask(key, signal);
}
