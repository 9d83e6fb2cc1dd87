import { formatCount, formatError, formatNumber, formatShare } from "./format.ts";
import type { Figure, Simulation, Spread } from "./result.ts";

/** What stands in one place of a table: a name, or a number of the simulation with its text. */
export type Cell = string | { readonly value: number; readonly text: string };

/** One table, for the terminal and for the page alike: so both say the same. */
export interface Table {
  readonly title: string;
  readonly note: string; // how to read it, one sentence
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The tables of a simulation, by what they are about. Those without rows are left out where they are shown. */
export interface Tables {
  readonly shards: Table;
  readonly overlap: Table;
  readonly load: Table;
  readonly failures: Table;
  readonly zones: Table;
  readonly poison: Table;
  readonly lost: Table;
  readonly changes: Table;
}

/** All tables of a simulation. */
export const tablesOf = (simulation: Simulation): Tables => ({
  shards: shardsTable(simulation),
  overlap: overlapTable(simulation),
  load: loadTable(simulation),
  failures: failuresTable(simulation),
  zones: zonesTable(simulation),
  poison: poisonTable(simulation),
  lost: lostTable(simulation),
  changes: changesTable(simulation),
});

const FIGURE = ["exact", "simulated", "std error"];
const HURT_AND_DARK = ["hurt", "dark"].flatMap((what) => FIGURE.map((name) => `${what}, ${name}`));
const MOVED = ["customers", "members"].flatMap((what) => ["least", "simulated", "std error"].map((name) => `${what}, ${name}`));

const shardsTable = ({ shards }: Simulation): Table => ({
  title: "Shards",
  note: "A customer's shard is its set of targets; pairs are customers with the same one.",
  head: ["", "exact or expected", "simulated"],
  rows: [
    ["shards possible", count(shards.possible), ""],
    ["shards used", count(shards.usedExpected), count(shards.used)],
    ["pairs of customers with the same shard", count(shards.samePairsExpected), count(shards.samePairs)],
    ["customers with the most common shard", "", count(shards.largestGroup)],
  ],
});

const overlapTable = ({ overlap: { pairs, rows } }: Simulation): Table => ({
  title: "Targets that two customers share",
  note: `Of ${formatCount(pairs)} pairs of customers.${noFormula(rows)}`,
  head: ["targets shared", ...FIGURE],
  rows: visibleRows(rows).map((row) => [count(row.shared), ...figureCells(row)]),
});

const loadTable = ({ load: { customers, demand } }: Simulation): Table => ({
  title: "Load per target",
  note: "Customers that hold a target; a customer's demand is shared evenly by its targets.",
  head: ["", "least", "mean", "most", "most ÷ mean"],
  rows: [["customers", ...spreadCells(customers)], ...(demand === undefined ? [] : [["demand", ...spreadCells(demand)]])],
});

const failuresTable = ({ failures: { rows, shown } }: Simulation): Table => ({
  title: "Blast radius of failed targets",
  note: "Of all customers, averaged over which targets fail; a hurt one loses a target or more, a dark one all it has.",
  head: ["targets failed", ...HURT_AND_DARK],
  rows: rows
    .filter(({ failed }) => shown.includes(failed))
    .map((row) => [count(row.failed), ...figureCells(row.hurt), ...figureCells(row.dark)]),
});

const zonesTable = ({ zones }: Simulation): Table => ({
  title: "Blast radius of a zone",
  note: "Of all customers, when every target of the zone fails; all were counted.",
  head: ["zone", "targets", "hurt", "dark"],
  rows: zones.map(({ zone, targets, hurt, dark }) => [nameOfZone(zone), count(targets), share(hurt), share(dark)]),
});

const poisonTable = ({ poison: { rows } }: Simulation): Table => ({
  title: "Blast radius of poison customers",
  note: `Of the other customers, when these take down every target they have.${noFormula(rows.map(({ dark }) => dark))}`,
  head: ["poison customers", ...HURT_AND_DARK],
  rows: rows.map(({ heavy, hurt, dark }) => [count(heavy), ...figureCells(hurt), ...figureCells(dark)]),
});

const lostTable = ({ poison: { rows } }: Simulation): Table => ({
  title: "Targets lost to poison customers",
  note: "Of the other customers, how many lose exactly so many of their targets.",
  head: ["poison customers", "targets lost", ...FIGURE],
  rows: rows.flatMap(({ heavy, lost }) => visibleRows(lost).map((row) => [count(heavy), count(row.members), ...figureCells(row)])),
});

const changesTable = ({ changes }: Simulation): Table => ({
  title: "Who moves when the pool changes",
  note: `Of ${formatCount(changes.customers)} customers, and of all members of their shards; on average no deal moves less than the least.`,
  head: ["change", ...MOVED],
  rows: changes.rows.map(({ change, customers, members }) => [change, ...figureCells(customers), ...figureCells(members)]),
});

/** The targets with the most load, most first: the page's own, too long for a terminal. */
export function targetsTable({ load }: Simulation): Table {
  const heaviest = load.targets.toSorted((a, b) => (b.demand ?? b.customers) - (a.demand ?? a.customers)).slice(0, LISTED);
  return {
    title: "Load of each target",
    note: `The most loaded first${load.targets.length > LISTED ? `; ${formatCount(LISTED)} of ${formatCount(load.targets.length)}` : ""}.`,
    head: ["target", "zone", "customers", ...(load.demand ? ["demand"] : [])],
    rows: heaviest.map(({ id, zone, customers, demand }) => [
      id,
      nameOfZone(zone),
      count(customers),
      ...(demand === undefined ? [] : [cell(demand, formatNumber)]),
    ]),
  };
}

const LISTED = 1000; // targets; the JSON has them all

const nameOfZone = (zone: string): string => (zone === "" ? "none" : zone);

/** Why there are dashes. */
const noFormula = (figures: readonly Figure[]): string =>
  figures.some(({ exact }) => exact === undefined) ? " No formula is quick enough for such weights, or so many ways over zones." : "";

/** All rows of a small shard; of a large one those that can be told from nothing, for the others only fill the page. */
export function visibleRows<Row extends Figure>(rows: readonly Row[]): readonly Row[] {
  return rows.length <= 12 ? rows : rows.filter(({ exact = 0, simulated }) => simulated > 0 || exact > 1e-9);
}

const cell = (value: number | undefined, format: (value: number) => string): Cell =>
  value === undefined ? "–" : { value, text: format(value) };

const figureCells = ({ exact, simulated, error }: Figure): readonly Cell[] => [share(exact), share(simulated), cell(error, formatError)];

const spreadCells = ({ min, mean, max, maxOverMean }: Spread): readonly Cell[] =>
  [min, mean, max, maxOverMean].map((value) => cell(value, formatNumber));

const count = (value: number | undefined): Cell => cell(value, formatCount);
const share = (value: number | undefined): Cell => cell(value, formatShare);
