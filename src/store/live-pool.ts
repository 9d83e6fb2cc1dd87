import type { Pool } from "../core/pool.ts";
import type { EjectionRules } from "../core/rules.ts";
import type { Live } from "../core/verdict.ts";
import { afterFailure, afterSuccess, eject, HEALTHY, type Health, isDue, isEjected, mostEjected, release } from "./ejection.ts";
import { FormerMembers } from "./former.ts";

/** How many customers' shards are remembered for `grace`; as many as a pool remembers deals. */
const REMEMBERED_SHARDS = 100_000;

/**
 * One target as this instance sees it. An object each, not a place in arrays: the pools of several snapshots share it as long as
 * exchanges of an older one end, and it goes with the last of them. In good days it holds one small number.
 */
interface TargetLive {
  inFlight: number;
  health: Health;
}

const NOWHERE: readonly number[] = [];

/** What one instance observes of the targets of one pool. */
export class LivePool implements Live {
  readonly #pool: Pool;
  readonly #targets: readonly TargetLive[]; // by place
  /** Shards as they were last seen. */
  readonly former: FormerMembers | undefined; // undefined: the pool has no grace, and nothing is stored

  /** `previous`, the same for the pool of this name before its rules changed, shares what it knows of the targets that are still there. */
  constructor(pool: Pool, previous?: LivePool) {
    this.#pool = pool;
    this.#targets = pool.targets.map(({ id }) => previous?.target(id) ?? { inFlight: 0, health: HEALTHY });
    this.former = pool.rules.shard.graceMs > 0 ? (previous?.former ?? new FormerMembers(REMEMBERED_SHARDS)) : undefined;
  }

  inFlight(place: number): number {
    return this.#targets[place]?.inFlight ?? 0;
  }

  isEjected(place: number, atMs: number): boolean {
    const target = this.#targets[place];
    return target !== undefined && isEjected(target.health, atMs);
  }

  formerOf(customer: string, shard: readonly number[], atMs: number): readonly number[] {
    if (this.former === undefined) return NOWHERE;
    const ids = this.#pool.at(shard).map(({ id }) => id);
    const former = this.former.of({ customer, shard: ids, atMs, graceMs: this.#pool.rules.shard.graceMs });
    return former.length === 0 ? NOWHERE : former.flatMap((id) => this.#pool.placeOf(id) ?? []);
  }

  /** What is known of a target, by id; undefined when the pool has none such. */
  target(id: string): TargetLive | undefined {
    return this.#targets[this.#pool.placeOf(id) ?? -1];
  }

  /** One exchange more, or with -1 one less, is under way to the target. */
  count(place: number, change: 1 | -1): void {
    const target = this.#targets[place];
    if (target !== undefined) target.inFlight += change;
  }

  /** The target answered, and well. */
  succeeded(id: string, atMs: number): void {
    const { ejection } = this.#pool.rules;
    const target = this.target(id);
    if (target !== undefined && ejection !== undefined) target.health = afterSuccess(target.health, ejection, atMs);
  }

  /** The target failed, or could not be reached. */
  failed(id: string, atMs: number): void {
    const { ejection } = this.#pool.rules;
    const target = this.target(id);
    if (target === undefined || ejection === undefined) return;
    target.health = afterFailure(target.health, atMs);
    if (isDue(target.health, ejection) && this.#ejected(atMs).length < this.#mostEjected(ejection))
      target.health = eject(target.health, ejection, atMs);
  }

  /** Lets so many back that no more are ejected than the rules allow: those that would be back first. */
  heed(atMs: number): void {
    const ejected = this.#ejected(atMs).toSorted((a, b) => a.health.untilMs - b.health.untilMs);
    const excess = ejected.length - this.#mostEjected(this.#pool.rules.ejection);
    for (const target of ejected.slice(0, Math.max(0, excess))) target.health = release(target.health, atMs);
  }

  /** Looked for when one more is to be ejected: that is seldom, and nothing has to be kept in step. */
  #ejected(atMs: number): readonly TargetLive[] {
    return this.#targets.filter(({ health }) => isEjected(health, atMs));
  }

  #mostEjected(ejection: EjectionRules | undefined): number {
    return ejection === undefined ? 0 : mostEjected(ejection, this.#targets.length);
  }
}
