import type { Backend } from "./backends.ts";
import type { Fleet } from "./fleet.ts";
import type { CustomerTrial } from "./trial.ts";

/** What a person can try while the demo runs. */
export function instructions({ port, file }: Fleet): string {
  const url = `http://127.0.0.1:${port}`;
  return `
riffle, Envoy and eight targets are running. In another terminal, try:

  curl -s -H 'x-customer-id: acme' ${url}/orders            # one of acme's two targets answers
  curl -s -H 'x-customer-id: acme' -H 'x-target-cluster: backend_0' ${url}/   # a forged choice has no effect
  curl -si ${url}/                                          # nobody's request: refused with 400
  curl -si -H 'host: eu.example.com' ${url}/regional        # where its region is, as a discovery service says
  for i in $(seq 200); do curl -s -H "x-customer-id: c$((i % 9))" ${url}/ >/dev/null; done

  npm run riffle -- explain GET ${url}/orders --header 'x-customer-id: acme' --config ${file}

Change ${file}, and it is in force as soon as it is saved.

Ctrl-C stops everything.

`;
}

/** Requests per target, a line each. `before` is what stood there a moment ago. */
export function liveView(backends: readonly Backend[], before: readonly number[], elapsedMs: number): string {
  const counts = backends.map((backend) => backend.served());
  const most = Math.max(1, ...counts);
  const lines = backends.map(({ id, zone }, index) => {
    const count = counts[index] ?? 0;
    const rate = ((count - (before[index] ?? 0)) * 1000) / elapsedMs;
    const bar = "█".repeat(Math.round((count / most) * BAR_WIDTH)).padEnd(BAR_WIDTH);
    return `  ${id.padEnd(10)} zone ${zone}  ${bar} ${String(count).padStart(8)} ${rate.toFixed(0).padStart(6)}/s`;
  });
  return `${lines.join("\n")}\n`;
}

const BAR_WIDTH = 32;

/** The table of `--exit`: customer → shard → requests per target. */
export function trialTable(trials: readonly CustomerTrial[], backends: readonly Backend[]): string {
  const ids = backends.map(({ id }) => id);
  const head = ["customer", "shard", ...ids, "outside", "failed"];
  const rows = trials.map(({ customer, shard, served, strayed, failed }) => {
    const perTarget = ids.map((id) => String(served.get(id) ?? (shard.includes(id) ? 0 : "·")));
    return [customer, shard.join(" "), ...perTarget, String(strayed), String(failed)];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return `${[head, ...rows].map(line).join("\n")}\n`;
}
