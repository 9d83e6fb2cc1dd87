import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CACHE_DIR } from "../../support/envoy.ts";

const MODULE = join(import.meta.dirname, "..", "h2spec");
const BUILD_TIMEOUT_MS = 5 * 60_000;
const RUN_TIMEOUT_MS = 10 * 60_000;

/** Builds h2spec as test/slow/h2spec/go.mod pins it; resolves with its path, or with why there is none. */
export async function buildH2spec(): Promise<{ readonly binary: string } | { readonly missing: string }> {
  const folder = join(CACHE_DIR, "h2spec");
  const binary = join(folder, "h2spec");
  await mkdir(folder, { recursive: true });
  const args = ["build", "-C", MODULE, "-mod=readonly", "-o", binary, "github.com/summerwind/h2spec/cmd/h2spec"];
  try {
    await promisify(execFile)("go", args, { env: { ...process.env, CGO_ENABLED: "0" }, timeout: BUILD_TIMEOUT_MS });
    return { binary };
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: unknown; readonly stderr?: string };
    if (code === "ENOENT") return { missing: "there is no Go here (no `go` on PATH) to build h2spec with" };
    return { missing: `h2spec cannot be built: ${stderr?.trim().split("\n").at(-1) || String(cause)}` };
  }
}

export interface H2specJob {
  readonly binary: string;
  readonly port: number; // on 127.0.0.1
  readonly specs: readonly string[]; // "generic", "http2/5.1", …
  readonly tls?: boolean;
}

/** What h2spec found: how many cases there were, and which of them failed or could not be tried. */
export interface H2specReport {
  readonly cases: number;
  readonly failed: readonly string[]; // what was sent, and what came instead of what
  readonly skipped: readonly string[];
}

/** Runs h2spec, strict cases included, against a server. Rejects when it makes no report. */
export async function runH2spec({ binary, port, specs, tls = false }: H2specJob): Promise<H2specReport> {
  const folder = await mkdtemp(join(tmpdir(), "riffle-h2spec-"));
  const file = join(folder, "report.xml");
  const args = [...specs, "--strict", "--host", "127.0.0.1", "--port", String(port), "--junit-report", file];
  // It exits with 1 when a case fails; the report says which.
  await promisify(execFile)(binary, tls ? [...args, "--tls", "--insecure"] : args, { timeout: RUN_TIMEOUT_MS }).catch(() => undefined);
  const report = await readFile(file, "latin1").finally(() => rm(folder, { recursive: true, force: true }));
  return parseReport(report);
}

/** In JUnit's XML a case that passed is empty. */
function parseReport(xml: string): H2specReport {
  const cases = [...xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g)].map(
    ([, spec, title, result = ""]) => ({ name: `${spec}: ${title}`, result: result.trim() }),
  );
  const skipped = cases.filter(({ result }) => result.startsWith("<skipped"));
  const failed = cases.filter(({ result }) => result !== "" && !result.startsWith("<skipped"));
  return {
    cases: cases.length,
    failed: failed.map(({ name, result }) => `${name}: ${result.replace(/<[^>]*>/g, "").replace(/\s+/g, " ")}`),
    skipped: skipped.map(({ name }) => name),
  };
}
