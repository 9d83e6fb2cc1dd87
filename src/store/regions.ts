import type { AskedSource, DiscoveryRules } from "../core/route-rules.ts";
import type { Questions, RegionFact } from "../core/verdict.ts";
import { Farewell } from "./farewell.ts";
import type { Line } from "./regions/http.ts";
import { FAILED } from "./regions/memory.ts";
import type { Reply } from "./regions/reply.ts";
import { type RegionCounts, RegionService } from "./regions/service.ts";
import { type Standing, StandingWatch } from "./regions/standing.ts";

/** Time, chance, the way to who is asked, and who hears of their changes. */
export interface RegionParts {
  readonly now: () => number; // ms of a clock that never steps
  readonly draw: () => number; // a number in [0, 1)
  /** Once when a discovery stops answering, and once when it answers again. That the store is out of reach is the store's to say. */
  readonly report: (discovery: string, standing: Standing) => void;
  readonly open: (discovery: string, source: AskedSource) => Line;
}

/** Somebody who is asked, with the way there. */
interface Open {
  readonly content: string;
  readonly name: string;
  readonly service: RegionService;
  readonly line: Line;
}

/** Regions where nobody is asked: for `explain` and benchmarks. */
export function quietRegion({ discovery: { source }, key }: Questions["region"]): RegionFact {
  return source.kind === "table" ? { region: source.table.get(key), how: "table" } : FAILED;
}

/**
 * Regions as tables, services and the store know them. What was said is remembered for as long as the rules of who said it stay the
 * same, through any number of reloads.
 */
export class RegionFacts {
  readonly #parts: RegionParts;
  #open: ReadonlyMap<string, Open> = new Map(); // by content: those of the snapshot in force
  readonly #views = new WeakMap<DiscoveryRules, Open>(); // exchanges go on with the rules they began with
  readonly #farewell = new Farewell();

  constructor(parts: RegionParts) {
    this.#parts = parts;
  }

  /** To be told of every snapshot's discoveries before it comes into force. Services that none of them names are left in peace. */
  follow(discoveries: Iterable<DiscoveryRules>): void {
    const before = this.#open;
    const services = [...discoveries].flatMap((discovery) => this.#viewOf(discovery) ?? []);
    this.#open = new Map(services.map((open) => [open.content, open]));
    for (const [content, { line }] of before) if (!this.#open.has(content)) this.#farewell.leave(line);
  }

  /** The oracle's answer to the question of regions. Never rejects: where nothing is known, the route's fallback stands in. */
  readonly region = (question: Questions["region"]): RegionFact | Promise<RegionFact> => {
    if (question.discovery.source.kind === "table") return quietRegion(question);
    return this.#views.get(question.discovery)?.service.find(question.key) ?? FAILED;
  };

  /** Settled once all that are followed can be asked without a wait of our own making. */
  async ready(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ line }) => line.ready));
  }

  /** By name in the rules: what each discovery in force was asked, and how. */
  counts(): ReadonlyMap<string, RegionCounts> {
    return new Map([...this.#open.values()].map(({ name, service }) => [name, service.counts]));
  }

  /** Lets calls under way finish, and closes all connections. */
  async close(): Promise<void> {
    const lines = [...this.#open.values()].map(({ line }) => line);
    this.#open = new Map();
    await Promise.all([...lines.map((line) => line.close()), this.#farewell.close()]);
  }

  #viewOf(discovery: DiscoveryRules): Open | undefined {
    const { name, key, source } = discovery;
    if (source.kind === "table") return undefined;
    const content = JSON.stringify([name, key, source]);
    const view = this.#open.get(content) ?? this.#connect(name, content, source);
    this.#views.set(discovery, view);
    return view;
  }

  #connect(name: string, content: string, source: AskedSource): Open {
    const { now, draw, report, open } = this.#parts;
    const watch = new StandingWatch(now, (standing) => report(name, standing));
    const line = open(name, source);
    const onReply = (reply: Reply): void => {
      if (source.kind !== "store" || reply.kind !== "failed" || !reply.isUnheard) watch.hear(reply);
    };
    const service = new RegionService(source, { line, now, draw, onReply });
    return { content, name, service, line };
  }
}
