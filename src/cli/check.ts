import { readFile } from "node:fs/promises";
import type { Rules } from "../core/rules.ts";
import type { LiveAnswer, LiveTls } from "./live.ts";
import { requestLines } from "./request.ts";
import { renderRouteTests, runRouteTests } from "./route-tests.ts";
import { loadRulesAndWarn } from "./rules.ts";
import { UserError } from "./user-error.ts";

interface Flags {
  readonly tests?: string; // a file
  readonly live?: string;
  readonly ca?: string; // files in PEM, for `live`
  readonly cert?: string;
  readonly key?: string;
  readonly method: string;
  readonly url: string;
  readonly header: readonly string[];
  readonly json?: true;
}

/**
 * Lists every mistake in a file, and with `tests` decides the requests of a file of route tests; with `live` asks a running riffle
 * about one request instead, as Envoy would.
 */
export async function check(file: string, { json, tests, ...flags }: Flags): Promise<void> {
  const print = (report: object, text: string): void => void process.stdout.write(`${json ? JSON.stringify(report, null, 2) : text}\n`);
  if (flags.live !== undefined) {
    if (tests !== undefined) throw new UserError("--tests reads a file, and --live asks a running riffle; give one of them");
    const answer = await checkLive(flags.live, flags);
    return print(answer, render(answer));
  }
  const rules = await loadRulesAndWarn(file);
  const report = describe(rules);
  const counts = `pools: ${report.pools}, targets: ${report.targets}, routes: ${report.routes}; version ${report.version}`;
  if (tests === undefined) return print(report, `${file}: ok (${counts})`);
  const tested = await runRouteTests(tests, rules);
  print({ ...report, ...tested }, `${file}: ok (${counts})\n${renderRouteTests(tested)}`);
  if (tested.failures.length > 0) throw new UserError(`${tests}: ${tested.failures.length} of ${tested.tests} route tests failed`);
}

async function checkLive(target: string, flags: Flags): Promise<LiveAnswer> {
  const tls = await readTls(flags);
  const { askLive } = await import("./live.ts"); // gRPC alone takes 0.3 s to load
  return askLive({ target, tls, lines: requestLines(flags) });
}

async function readTls({ ca, cert, key }: Flags): Promise<LiveTls | undefined> {
  if ((cert === undefined) !== (key === undefined)) throw new UserError("--cert and --key go together; give both");
  if (ca === undefined && cert !== undefined) throw new UserError("--cert without --ca: name the CA of riffle's certificate as well");
  if (ca === undefined) return undefined;
  const own = cert === undefined || key === undefined ? undefined : { cert: await read("--cert", cert), key: await read("--key", key) };
  return { ca: await read("--ca", ca), own };
}

function read(flag: string, path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new UserError(`${flag} ${path}: cannot be read (${cause instanceof Error && "code" in cause ? cause.code : cause})`);
  });
}

interface FileReport {
  readonly version: string;
  readonly pools: number;
  readonly targets: number;
  readonly routes: number;
}

function describe({ hash, pools, virtualHosts }: Rules): FileReport {
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
