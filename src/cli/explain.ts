import { type Decision, decide } from "../core/decide.ts";
import { type Explanation, explain } from "../core/explain.ts";
import { requestPolicies } from "../core/policies.ts";
import { Snapshot } from "../core/snapshot.ts";
import { quietLive } from "../store/live.ts";
import { createOracle } from "../store/oracle.ts";
import { requestHeaders, type WrittenRequest } from "./request.ts";
import { loadRulesAndWarn } from "./rules.ts";

interface Flags {
  readonly header: readonly string[];
  readonly config: string;
  readonly json?: true;
}

/** Prints what would be decided about one request, with the same core and no sockets. */
export async function explainRequest(method: string, url: string, { header, config, json }: Flags): Promise<void> {
  const snapshot = new Snapshot(await loadRulesAndWarn(config));
  const explanation = explain(await decideWritten({ method, url, header }, snapshot));
  process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : render(`${method.toUpperCase()} ${url}`, explanation));
}

/** The decision about a request as written on a command line. Throws UserError for what is no request. */
export async function decideWritten(request: WrittenRequest, snapshot: Snapshot): Promise<Decision> {
  const chance = Math.floor(Math.random() * 2 ** 32);
  const exchange = { headers: requestHeaders(request), known: {}, atMs: Date.now(), chance };
  return decide(requestPolicies, exchange, snapshot, createOracle({ live: quietLive }));
}

function render(request: string, { version, route, customer, pool, shard, answer, edits, steps, broken }: Explanation): string {
  const rows: [label: string, text: string][] = [
    ["request", request],
    ["version", version],
    ["route", route ?? "none matched"],
  ];
  if (customer !== undefined) rows.push(["customer", customer]);
  if (pool !== undefined) rows.push(["pool", pool]);
  if (shard.length > 0) rows.push(["shard", shard.map(({ id, zone }) => (zone === "" ? id : `${id} (zone ${zone})`)).join(", ")]);
  for (const { name, value } of edits) rows.push(["header", value === undefined ? `${name} removed` : `${name}: ${value}`]);
  rows.push(["steps", steps.map(({ policy, verdict }) => `${policy}: ${verdict}`).join(", ")]);
  if (broken) rows.push(["broken", `${broken.policy}: ${broken.cause}`]);
  rows.push(["verdict", answer === undefined ? "goes on" : `refused with ${answer.status}: ${answer.why}`]);
  return `${rows.map(([label, text]) => label.padEnd(10) + text).join("\n")}\n`;
}
