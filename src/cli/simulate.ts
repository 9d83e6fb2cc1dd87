import { type FileHandle, open } from "node:fs/promises";
import { toByteString } from "../core/bytes.ts";
import { renderPage } from "../core/simulate/page.ts";
import { type Change, createPlan, type Plan } from "../core/simulate/plan.ts";
import { simulate as runSimulation } from "../core/simulate/simulate.ts";
import { renderText } from "../core/simulate/text.ts";
import { numberedCustomers, readDemand } from "./simulate/demand.ts";
import { type PoolFlags, readPool } from "./simulate/pool.ts";
import { runWithBar } from "./simulate/progress.ts";
import { UserError } from "./user-error.ts";

interface Flags extends PoolFlags {
  readonly customers?: number;
  readonly weights?: string;
  readonly fail?: number;
  readonly poison?: number;
  readonly add?: string | true; // a zone, or none given
  readonly remove?: string;
  readonly newSize?: number;
  readonly seed: number;
  readonly json?: true;
  readonly html?: string;
}

const DEFAULT_CUSTOMERS = 100_000;
const MAX_CUSTOMERS = 10_000_000;

/** Says what a way to deal comes to: prints tables or JSON, and writes a page when asked. Throws UserError. */
export async function simulate(flags: Flags): Promise<void> {
  const plan = await planOf(flags);
  const page = flags.html === undefined ? undefined : await openPage(flags.html);
  const simulation = runWithBar(runSimulation(plan), process.stderr, () => performance.now());
  await page?.writeFile(renderPage(simulation));
  await page?.close();
  process.stdout.write(flags.json ? `${JSON.stringify(simulation, null, 2)}\n` : renderText(simulation));
}

async function planOf(flags: Flags): Promise<Plan> {
  const pool = await readPool(flags);
  const dealable = pool.targets.filter(({ weight }) => weight !== 0);
  if (dealable.length === 0) throw new UserError(`pool ${pool.pool}: no target has a weight above 0, so nobody can be dealt one`);
  const customers = await customersOf(flags);
  if (flags.fail !== undefined) expectAtMost("--fail", flags.fail, dealable.length, "targets");
  if (flags.poison !== undefined) expectAtMost("--poison", flags.poison, Math.min(customers.count - 1, MAX_HEAVY), "poison customers");
  return createPlan({ ...pool, customers, failed: flags.fail, heavy: flags.poison, changes: changesOf(flags, dealable), seed: flags.seed });
}

const MAX_HEAVY = 1000;

async function customersOf({ customers, weights }: Flags): Promise<Plan["customers"]> {
  if (customers !== undefined && weights !== undefined)
    throw new UserError("--customers and --weights: give one, the file has its own customers");
  if (weights !== undefined) return readDemand(weights);
  const count = customers ?? DEFAULT_CUSTOMERS;
  if (count < 2) throw new UserError(`--customers ${count}: one alone shares with nobody; give 2 or more`);
  expectAtMost("--customers", count, MAX_CUSTOMERS, "customers");
  return numberedCustomers(count);
}

function changesOf({ add, remove, newSize }: Flags, targets: Plan["targets"]): readonly Change[] {
  const changes: Change[] = [];
  if (typeof add === "string") changes.push({ kind: "add", zone: toByteString(add) });
  if (remove !== undefined) {
    if (!targets.some(({ id }) => id === remove)) {
      const known = targets.slice(0, 5).map(({ id }) => id);
      throw new UserError(`--remove ${remove}: no target of the pool; it has ${known.join(", ")}${targets.length > 5 ? ", …" : ""}`);
    }
    if (targets.length === 1) throw new UserError(`--remove ${remove}: the pool has no other target; add one first`);
    changes.push({ kind: "remove", id: remove });
  }
  if (newSize !== undefined) {
    expectAtMost("--new-size", newSize, targets.length, "targets");
    changes.push({ kind: "size", size: newSize });
  }
  return changes;
}

function expectAtMost(flag: string, value: number, most: number, what: string): void {
  if (value > most) throw new UserError(`${flag} ${value}: at most ${most.toLocaleString("en-US")} ${what} here; give fewer`);
}

/** Opens the page's file before the run: nobody waits a minute to hear that it cannot be written. */
function openPage(file: string): Promise<FileHandle> {
  return open(file, "w").catch((cause: unknown) => {
    throw new UserError(
      `--html ${file}: cannot be written (${cause instanceof Error && "code" in cause ? cause.code : cause}); name another file`,
    );
  });
}
