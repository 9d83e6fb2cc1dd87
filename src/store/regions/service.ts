import { Recent } from "../../core/recent.ts";
import type { AskRules } from "../../core/route-rules.ts";
import type { RegionFact } from "../../core/verdict.ts";
import { askInTime } from "./ask-in-time.ts";
import type { Line } from "./http.ts";
import { type Entry, FAILED, remember } from "./memory.ts";
import type { Reply } from "./reply.ts";
import { RetryBudget } from "./retry-budget.ts";

/** Calls of one service at a time; those beyond its connections wait for one, all within their time. */
export const MAX_CALLS = 256;

/** Requests that wait for one service at a time. */
export const MAX_WAITING = 20_000;

/** What one service was asked and how, since it was opened. For metrics. */
export interface RegionCounts {
  readonly fresh: number; // requests answered from memory, likewise below
  readonly stale: number;
  readonly negative: number; // remembered that there is none
  readonly failed: number; // remembered that it could not say
  readonly waited: number; // requests that waited for a call, their own or another's
  readonly overflow: number; // requests, and refreshes, for which there was no room
  readonly calls: number; // without retries
  readonly retries: number;
  readonly failures: number; // calls that failed, retry and all
}

/** Time, chance and the service itself. */
export interface ServiceParts {
  readonly line: Line;
  readonly now: () => number; // ms of a clock that never steps
  readonly draw: () => number; // a number in [0, 1)
  readonly onReply: (reply: Reply) => void; // hears of every call's end
}

/** A call under way, and who waits for it. */
interface Flight {
  readonly fact: Promise<RegionFact>;
  waiting: number;
}

/** What one discovery service knows: remembered, asked for once at a time per key, bounded in every direction. */
export class RegionService {
  readonly #rules: AskRules;
  readonly #parts: ServiceParts;
  readonly #entries: Recent<Entry>;
  readonly #flights = new Map<string, Flight>(); // by key
  readonly #budget = new RetryBudget();
  readonly #counts: { -readonly [K in keyof RegionCounts]: RegionCounts[K] } = { ...NOTHING };
  #waiting = 0;

  constructor(rules: AskRules, parts: ServiceParts) {
    this.#rules = rules;
    this.#parts = parts;
    this.#entries = new Recent(rules.maxEntries);
  }

  get counts(): RegionCounts {
    return this.#counts;
  }

  /** The region of a key (byte string): bare from memory, else a promise that settles within the timeout and never rejects. */
  find(key: string): RegionFact | Promise<RegionFact> {
    const nowMs = this.#parts.now();
    const entry = this.#entries.get(key);
    if (entry === undefined || nowMs >= entry.usableUntilMs) return this.#wait(key);
    if (nowMs < entry.askAgainMs) return this.#recall(entry.fact);
    if (!this.#flights.has(key)) this.#depart(key);
    return this.#recall(entry.stale);
  }

  #recall(fact: RegionFact): RegionFact {
    if (isRemembered(fact.how)) this.#counts[fact.how]++;
    return fact;
  }

  #wait(key: string): RegionFact | Promise<RegionFact> {
    const flight = this.#waiting < MAX_WAITING ? (this.#flights.get(key) ?? this.#depart(key)) : this.#overflow();
    if (flight === undefined) return FAILED;
    this.#counts.waited++;
    this.#waiting++;
    flight.waiting++;
    return flight.fact;
  }

  /** Begins a call; undefined when there is no room for one. */
  #depart(key: string): Flight | undefined {
    if (this.#flights.size >= MAX_CALLS) return this.#overflow();
    this.#counts.calls++;
    const { line, now } = this.#parts;
    const onRetry = (): void => void this.#counts.retries++;
    const reply = askInTime(line, key, { timeoutMs: this.#rules.timeoutMs, budget: this.#budget, now, onRetry });
    const flight: Flight = { fact: reply.then((said) => this.#land(key, flight, said)), waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  #overflow(): undefined {
    this.#counts.overflow++;
  }

  /** Remembers what a call brought; what those who wait for it are told. */
  #land(key: string, flight: Flight, reply: Reply): RegionFact {
    this.#flights.delete(key);
    this.#waiting -= flight.waiting;
    if (reply.kind === "failed") this.#counts.failures++;
    const { now, draw, onReply } = this.#parts;
    const entry = remember(reply, this.#entries.get(key), this.#rules, { nowMs: now(), chance: draw() });
    this.#entries.set(key, entry);
    onReply(reply);
    return reply.kind === "failed" ? entry.fact : { region: entry.fact.region, how: "asked" };
  }
}

const NOTHING: RegionCounts = {
  fresh: 0,
  stale: 0,
  negative: 0,
  failed: 0,
  waited: 0,
  overflow: 0,
  calls: 0,
  retries: 0,
  failures: 0,
};

type Remembered = Extract<RegionFact["how"], keyof RegionCounts>;

const isRemembered = (how: RegionFact["how"]): how is Remembered => how !== "table" && how !== "asked";
