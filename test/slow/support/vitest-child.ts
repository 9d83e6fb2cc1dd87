import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const TIMEOUT_MS = 30 * 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** How a run of the tests of `npm test` went. */
export interface ChildRun {
  readonly passed: number;
  readonly failed: readonly string[]; // title and first line of what was said
}

/** Runs test files, or all in a folder, in another vitest with more environment. Rejects when it makes no report. */
export async function runVitest(path: string, more: NodeJS.ProcessEnv): Promise<ChildRun> {
  const folder = await mkdtemp(join(tmpdir(), "riffle-vitest-"));
  const file = join(folder, "report.json");
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"))); // those say who we are
  const args = [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", path, "--reporter=json", `--outputFile=${file}`];
  const options = { cwd: ROOT, env: { ...own, ...more }, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  const said = await promisify(execFile)(process.execPath, args, options).catch((cause: unknown) => String(cause)); // 1: a test failed
  const report = await readFile(file, "utf8").catch(() => Promise.reject(new Error(`vitest made no report: ${JSON.stringify(said)}`)));
  await rm(folder, { recursive: true });
  return summarize(JSON.parse(report));
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function summarize({ numPassedTests, testResults }: Report): ChildRun {
  const files = testResults.filter(({ status, assertionResults }) => status === "failed" && !assertionResults.some(isFailed));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults.filter(isFailed));
  return {
    passed: numPassedTests,
    failed: [
      ...files.map(({ name, message }) => `${name}: ${message}`), // a set-up that failed
      ...tests.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages?.[0]?.split("\n")[0]}`),
    ],
  };
}

const isFailed = ({ status }: { readonly status: string }): boolean => status === "failed";
