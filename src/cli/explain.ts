import { toByteString } from "../core/bytes.ts";
import { DEFAULT_WEIGHT } from "../core/deal/weight.ts";
import { type Decision, decide } from "../core/decide.ts";
import { type Explanation, explain } from "../core/explain.ts";
import type { RegionExplanation } from "../core/explain-region.ts";
import type { TargetExplanation } from "../core/explain-shard.ts";
import { requestPolicies } from "../core/policies.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { Live, Questions, RegionFact } from "../core/verdict.ts";
import { quietLive } from "../store/live.ts";
import { type Answers, createOracle } from "../store/oracle.ts";
import { quietRegion } from "../store/regions.ts";
import { requestHeaders, type WrittenRequest } from "./request.ts";
import { loadRulesAndWarn } from "./rules.ts";
import { UserError } from "./user-error.ts";

interface Flags {
  readonly header: readonly string[];
  readonly config: string;
  readonly json?: true;
  readonly overlap?: string;
  readonly ejected?: string;
  readonly region?: string;
}

/** Prints what would be decided about one request, with the same core and no sockets. */
export async function explainRequest(method: string, url: string, flags: Flags): Promise<void> {
  const { header, config, json, overlap, ejected } = flags;
  const snapshot = new Snapshot(await loadRulesAndWarn(config));
  const live = ejected === undefined ? quietLive : liveWithout(ejected.split(","), snapshot);
  const findRegion = regionsSaying(flags.region);
  const decision = await decideWritten({ method, url, header }, snapshot, { live, region: findRegion });
  const explanation = explain(decision, { other: overlap === undefined ? undefined : toByteString(overlap), live, findRegion });
  process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : render(`${method.toUpperCase()} ${url}`, explanation));
}

/** The decision about a request as written on a command line. Throws UserError for what is no request. */
export async function decideWritten(request: WrittenRequest, snapshot: Snapshot, facts: Answers = QUIET): Promise<Decision> {
  const chance = Math.floor(Math.random() * 2 ** 32);
  const exchange = { headers: requestHeaders(request), known: {}, atMs: Date.now(), chance };
  return decide(requestPolicies, exchange, snapshot, createOracle(facts));
}

const QUIET: Answers = { live: quietLive, region: quietRegion };

type AnswerLive = (question: Questions["live"]) => Live;

/** Live facts of an instance that has ejected these targets. Throws UserError for one that is in no pool. */
function liveWithout(ids: readonly string[], { pools }: Snapshot): AnswerLive {
  const unknown = ids.find((id) => ![...pools.values()].some((pool) => pool.placeOf(id) !== undefined));
  if (unknown !== undefined) throw new UserError(`--ejected ${unknown}: no pool has such a target; write ids, separated by commas`);
  return ({ pool }) => ({ ...quietLive(), isEjected: (place) => ids.includes(pool.targets[place]?.id ?? "") });
}

/** Regions where every discovery service says this one; where nothing is given, none can say. Tables are asked as ever. */
export function regionsSaying(region: string | undefined): (question: Questions["region"]) => RegionFact {
  if (region === undefined) return quietRegion;
  const said: RegionFact = { region: toByteString(region), how: "asked" };
  return (question) => (question.discovery.source.kind === "table" ? quietRegion(question) : said);
}

type Row = readonly [label: string, text: string];

function render(request: string, explanation: Explanation): string {
  const { version, customer, pool, cluster, order, isSpilled, answer, edits, steps, broken } = explanation;
  const rows: Row[] = [["request", request], ["version", version], ...routeRows(explanation)];
  if (customer !== undefined) rows.push(["customer", customer]);
  if (explanation.region !== undefined) rows.push(["region", describeRegion(explanation.region)]);
  if (pool !== undefined) rows.push(["pool", pool]);
  if (cluster !== undefined) rows.push(["cluster", cluster]);
  rows.push(...shardRows(explanation));
  if (order.length > 0) rows.push(["order", `${order.join(", ")}${isSpilled ? " (spilled: all of the shard is down)" : ""}`]);
  for (const { name, value } of edits) rows.push(["header", value === undefined ? `${name} removed` : `${name}: ${value}`]);
  rows.push(["steps", steps.map(({ policy, verdict }) => `${policy}: ${verdict}`).join(", ")]);
  if (broken) rows.push(["broken", `${broken.policy}: ${broken.cause}`]);
  for (const { name, value } of answer?.headers ?? []) rows.push(["reply", `${name}: ${value}`]);
  rows.push([
    "verdict",
    answer === undefined ? "goes on" : `${answer.status < 400 ? "answered" : "refused"} with ${answer.status}: ${answer.why}`,
  ]);
  return `${rows.map(([label, text]) => label.padEnd(10) + text).join("\n")}\n`;
}

const MAX_ROUTES = 20; // that did not match; --json has all of them

/** The route, and above it those that did not match: the nearest, which are the likeliest to have been meant. */
function routeRows({ host, route, passedOver }: Explanation): readonly Row[] {
  if (host === undefined) return [["route", "none: no virtual host is meant for this authority"]];
  const shown = passedOver.slice(-MAX_ROUTES);
  const rows: Row[] = [["host", host]];
  if (shown.length < passedOver.length) rows.push(["", `… and ${passedOver.length - shown.length} routes before, none of which matches`]);
  for (const { route: name, why } of shown) rows.push(["", `${name}: ${why}`]);
  return [...rows, ["route", route ?? "none matched"]];
}

const HOW = { deal: "", pin: "pinned", quarantine: "in quarantine" } as const;
const MAX_PASSED = 5; // targets shown behind the shard; --json has all of them

function shardRows({ pool, shard, overlap }: Explanation): readonly Row[] {
  if (shard === undefined) return [];
  const named = shard.members.map((id) => {
    const zone = shard.targets.find((target) => target.id === id)?.zone;
    return zone ? `${id} (zone ${zone})` : id;
  });
  const how = [HOW[shard.how], shard.pool === pool ? "" : `dealt in pool ${shard.pool}`].filter((text) => text !== "").join(", ");
  const rows: Row[] = [["shard", `${named.join(", ") || "empty"}${how && `: ${how}`}`]];
  const shown = Math.max(...shard.targets.map(({ taken }, index) => (taken ? index : -1))) + 1 + MAX_PASSED;
  for (const target of shard.targets.slice(0, shown)) rows.push(["", describeTarget(target)]);
  if (shown < shard.targets.length) rows.push(["", `… and ${shard.targets.length - shown} more, none of them taken`]);
  if (shard.spill.length > 0) rows.push(["spill", `${shard.spill.join(", ")}, when all of the shard is down`]);
  if (overlap)
    rows.push([
      "overlap",
      `shares ${overlap.shared.length} of ${shard.size} with ${overlap.other}: ${overlap.shared.join(", ") || "none"}`,
    ]);
  return rows;
}

function describeRegion({ region, discovery, key, found, how, isAllowed }: RegionExplanation): string {
  if (isAllowed) return `${region}, as ${discovery} says of ${key}`;
  const stands = region === undefined ? "none, and no fallback" : `${region}, the fallback`;
  if (key === undefined) return `${stands}: the request has nothing to ask ${discovery} about`;
  if (found !== undefined) return `${stands}: ${discovery} says ${found} of ${key}, which the route does not allow`;
  if (how === "failed") return `${stands}: ${discovery} is not asked about ${key} here; --region says what it would answer`;
  return `${stands}: ${discovery} knows none of ${key}`;
}

function describeTarget({ id, zone, weight, state, isEjected, rank, taken, why }: TargetExplanation): string {
  const facts = [
    zone && `zone ${zone}`,
    weight === DEFAULT_WEIGHT ? "" : `weight ${weight}`,
    state === "active" ? "" : state,
    isEjected ? "ejected" : "",
  ].filter(Boolean);
  return `${(rank === undefined ? "–" : `${rank}.`).padStart(4)} ${id}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}: ${taken ? "taken" : "passed over"}, ${why}`;
}
