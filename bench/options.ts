import { parseArgs } from "node:util";
import type { WarmUp } from "./measure.ts";
import { ROWS, type RowId } from "./rows.ts";

/** What a run is asked for. */
export interface Options {
  readonly rows: readonly RowId[];
  readonly rounds: number;
  readonly seconds: number; // of each measurement
  readonly warmUp: WarmUp; // of each row, once, at full load
  readonly out: string | undefined; // folder for what is kept; undefined: the cache
  readonly markdown: boolean;
}

/** A mistake in the arguments, in one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const USAGE = `usage: npm run bench -- [options]
  --quick         one short round, under a minute: shows that it works, proves little
  --rows IDS      only these, separated by commas: ${ROWS.map(({ id }) => id).join(",")}
  --rounds N      rounds in which all rows take turns; each figure is the median over them (5)
  --seconds N     of each measurement (3)
  --out FOLDER    where the JSON and the chart go (.cache/bench)
  --markdown      prints the table for the README
`;

/** Reads the arguments; undefined when only help is asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const given = readArgs(args);
  if (given.help) return undefined;
  const preset = given.quick ? QUICK : DEFAULT;
  return {
    rows: given.rows === undefined ? ROWS.map(({ id }) => id) : parseRows(given.rows),
    rounds: parseNumber("rounds", given.rounds, { least: 1, most: 100, whole: true }) ?? preset.rounds,
    seconds: parseNumber("seconds", given.seconds, { least: 0.1, most: 600 }) ?? preset.seconds,
    warmUp: preset.warmUp,
    out: given.out,
    markdown: given.markdown ?? false,
  };
}

const DEFAULT = { rounds: 5, seconds: 3, warmUp: { leastSeconds: 6, mostSeconds: 30, requests: 30_000 } };
const QUICK = { rounds: 1, seconds: 1, warmUp: { leastSeconds: 2, mostSeconds: 4, requests: 10_000 } };

function readArgs(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { help: flag, quick: flag, rows: text, rounds: text, seconds: text, out: text, markdown: flag };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function parseRows(written: string): readonly RowId[] {
  const ids = written.split(",");
  const unknown = ids.find((id) => !ROWS.some((row) => row.id === id));
  if (unknown !== undefined) throw new UsageError(`no row "${unknown}"; there are ${ROWS.map(({ id }) => id).join(", ")}`);
  return ROWS.map(({ id }) => id).filter((id) => ids.includes(id));
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
}

function parseNumber(name: string, written: string | undefined, { least, most, whole }: Range): number | undefined {
  if (written === undefined) return undefined;
  const number = Number(written);
  const isIn = number >= least && number <= most && (!whole || Number.isInteger(number));
  if (!isIn) throw new UsageError(`--${name} ${written}: must be a${whole ? " whole" : ""} number from ${least} to ${most}`);
  return number;
}
