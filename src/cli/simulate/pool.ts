import { toByteString } from "../../core/bytes.ts";
import type { Dealable, DealRules } from "../../core/deal/deal.ts";
import { parseSize, type Size } from "../../core/deal/size.ts";
import { loadRules } from "../rules.ts";
import { UserError } from "../user-error.ts";

/** How a pool is named on the command line: from a file, or by its numbers. */
export interface PoolFlags {
  readonly config?: string;
  readonly pool?: string;
  readonly targets?: number;
  readonly size?: string;
  readonly zones?: number;
  readonly mode?: string;
  readonly minZones?: number;
  readonly salt?: string;
}

/** A pool to simulate. */
export interface SimulatedPool {
  readonly pool: string;
  readonly targets: readonly Dealable[];
  readonly rules: DealRules;
}

/** The pool that the flags describe; those given beside a file change what the file says. Throws UserError. */
export async function readPool(flags: PoolFlags): Promise<SimulatedPool> {
  const { config, targets } = flags;
  if (config !== undefined && targets !== undefined)
    throw new UserError("--config and --targets: give one, a file's pool or a number of targets");
  if (config === undefined && targets === undefined) {
    throw new UserError("which pool? give --config FILE, or --targets N with --size K and --zones Z");
  }
  return config === undefined ? writtenPool(targets ?? 0, flags) : filePool(config, flags);
}

function writtenPool(count: number, flags: PoolFlags): SimulatedPool {
  if (flags.pool !== undefined) throw new UserError("--pool names a pool of a file; give --config FILE as well");
  if (flags.size === undefined) throw new UserError("--targets needs --size, a number of targets or a percentage");
  const zones = flags.zones ?? 1;
  if (zones > count) throw new UserError(`--zones ${zones}: more than the ${count} targets; give at most as many`);
  const targets = Array.from({ length: count }, (_, i) => ({ id: `target-${i}`, zone: zones === 1 ? "" : `zone-${i % zones}` }));
  const mode = zones === 1 ? "plain" : "min";
  return { pool: "pool", targets, rules: changeRules({ size: ONE, zones: mode, minZones: undefined, salt: "simulation" }, flags) };
}

const ONE: Size = { kind: "count", count: 1 };

async function filePool(config: string, flags: PoolFlags): Promise<SimulatedPool> {
  if (flags.zones !== undefined) throw new UserError("--zones goes with --targets; the zones of a file's targets stand in the file");
  const { pools } = (await loadRules(config)).rules; // its warnings about this pool are said by the simulation itself
  const names = [...pools.keys()];
  const name = flags.pool ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) throw new UserError(`${config} has ${names.length} pools; choose one with --pool: ${names.join(", ") || "none"}`);
  const pool = pools.get(name);
  if (pool === undefined) throw new UserError(`--pool ${name}: ${config} has no such pool, only ${names.join(", ") || "none"}`);
  return { pool: name, targets: pool.targets, rules: changeRules(pool.shard, flags) };
}

function changeRules(rules: DealRules, { size, mode, minZones, salt }: PoolFlags): DealRules {
  return {
    size: size === undefined ? rules.size : readSize(size),
    zones: mode === undefined ? rules.zones : readMode(mode),
    minZones: minZones ?? rules.minZones,
    salt: salt === undefined ? rules.salt : readSalt(salt),
  };
}

function readSize(text: string): Size {
  const size = parseSize(text);
  if (size === undefined) throw new UserError(`--size ${text}: is not a size; write a number of targets (3) or a percentage (2.5%)`);
  return size;
}

function readMode(text: string): DealRules["zones"] {
  if (text === "min" || text === "spread" || text === "plain") return text;
  throw new UserError(`--mode ${text}: is not a mode; write min, spread or plain`);
}

function readSalt(text: string): string {
  if (text.includes("\0")) throw new UserError("--salt: may not hold a NUL; write other text");
  return toByteString(text);
}
