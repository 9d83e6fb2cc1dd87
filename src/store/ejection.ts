import type { EjectionRules } from "../core/rules.ts";

/** What a target's answers say of it so far. */
export interface Health {
  readonly failures: number; // in a row, by now
  readonly ejections: number; // those that count for how long the next one takes
  readonly fromMs: number; // of the last ejection
  readonly untilMs: number; // and its end; the same: there was none
  readonly healthySinceMs: number; // back, and without a failure; or what is left of that after the last decay
}

/** Of a target of which nothing bad is known. */
export const HEALTHY: Health = { failures: 0, ejections: 0, fromMs: 0, untilMs: 0, healthySinceMs: 0 };

/** A clock that is set back ends an ejection rather than prolong it. */
export const isEjected = ({ fromMs, untilMs }: Health, atMs: number): boolean => atMs < untilMs && atMs >= fromMs;

/** One more failure. What comes in while the target is ejected was sent before that, and says nothing new. */
export function afterFailure(health: Health, atMs: number): Health {
  return isEjected(health, atMs) ? health : { ...health, failures: health.failures + 1, healthySinceMs: atMs };
}

/**
 * A success ends the row of failures. After the target was healthy for as long as its last ejection took, it is as if there had
 * been one ejection less. The same object where nothing changes.
 */
export function afterSuccess(health: Health, rules: EjectionRules, atMs: number): Health {
  if ((health.failures === 0 && health.ejections === 0) || isEjected(health, atMs)) return health;
  let { ejections, healthySinceMs } = health;
  for (; ejections > 0 && atMs - healthySinceMs >= ejectionMs(ejections - 1, rules); ejections--)
    healthySinceMs += ejectionMs(ejections - 1, rules);
  const isSame = health.failures === 0 && ejections === health.ejections;
  return isSame ? health : { ...health, failures: 0, ejections, healthySinceMs };
}

/** Whether there were failures enough. It stays due until there is room for it or something succeeds. */
export const isDue = ({ failures }: Health, rules: EjectionRules): boolean => failures >= rules.failures;

/** Passed over from now on. Ejections beyond the longest time do not count: they would have to decay before the time shrinks. */
export function eject(health: Health, rules: EjectionRules, atMs: number): Health {
  const untilMs = atMs + ejectionMs(health.ejections, rules);
  const isLongest = health.ejections > 0 && ejectionMs(health.ejections - 1, rules) === rules.maxTimeMs;
  return { failures: 0, ejections: health.ejections + (isLongest ? 0 : 1), fromMs: atMs, untilMs, healthySinceMs: untilMs };
}

/** Back before its time, without prejudice to how often it was ejected. */
export const release = (health: Health, atMs: number): Health => ({ ...health, untilMs: atMs, healthySinceMs: atMs });

/** How many of a pool's targets may be ejected at one time: the share set, rounded down. Where that is 0, none ever is. */
export const mostEjected = ({ maxBasisPoints }: EjectionRules, targets: number): number => Math.floor((maxBasisPoints * targets) / 10_000);

/** How long an ejection takes after so many others. */
const ejectionMs = (ejections: number, { timeMs, maxTimeMs }: EjectionRules): number => Math.min(timeMs * 2 ** ejections, maxTimeMs);
