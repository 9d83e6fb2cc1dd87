import type { LiveAnswer } from "./live.ts";
import { requestLines } from "./request.ts";
import { loadRulesAndWarn } from "./rules.ts";

interface Flags {
  readonly live?: string;
  readonly method: string;
  readonly url: string;
  readonly header: readonly string[];
  readonly json?: true;
}

/** Lists every mistake in a file; with `live` asks a running riffle about one request instead, as Envoy would. */
export async function check(file: string, { live, json, ...request }: Flags): Promise<void> {
  const report = live === undefined ? await checkFile(file) : await (await import("./live.ts")).askLive(live, requestLines(request)); // gRPC alone takes 0.3 s to load
  const text =
    "health" in report
      ? render(report)
      : `${file}: ok (pools: ${report.pools}, targets: ${report.targets}, routes: ${report.routes}; version ${report.version})`;
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : text}\n`);
}

interface FileReport {
  readonly version: string;
  readonly pools: number;
  readonly targets: number;
  readonly routes: number;
}

async function checkFile(file: string): Promise<FileReport> {
  const { hash, pools, virtualHosts } = await loadRulesAndWarn(file);
  return {
    version: hash,
    pools: pools.size,
    targets: new Set([...pools.values()].flatMap(({ targets }) => targets.map(({ id }) => id))).size,
    routes: virtualHosts.reduce((sum, { routes }) => sum + routes.length, 0),
  };
}

function render({ health, refused, set, removed, clearsRouteCache }: LiveAnswer): string {
  const lines = [`health    ${health}`];
  for (const [name, value] of Object.entries(set)) lines.push(`header    ${name}: ${value}`);
  for (const name of removed) lines.push(`header    ${name} removed`);
  if (clearsRouteCache) lines.push("route     chosen again by Envoy");
  lines.push(`verdict   ${refused === undefined ? "goes on" : `refused with ${refused.status}: ${refused.details}`}`);
  return lines.join("\n");
}
