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
export function tablesOf(simulation: Simulation): Tables {
  const { shards, overlap, failures, poison } = simulation;
  const FIGURE = ["exact", "simulated", "chance"];
  return {
    shards: {
      title: "Shards",
      note: "A customer's shard is its set of targets; pairs are customers with the same one.",
      head: ["", "exact or expected", "simulated"],
      rows: [
        ["shards possible", cell(shards.possible, formatCount), ""],
        ["shards used", cell(shards.usedExpected, formatCount), cell(shards.used, formatCount)],
        ["pairs of customers with the same shard", cell(shards.samePairsExpected, formatCount), cell(shards.samePairs, formatCount)],
        ["customers with the most common shard", "", cell(shards.largestGroup, formatCount)],
      ],
    },
    overlap: {
      title: "Targets that two customers share",
      note: `Of ${formatCount(overlap.pairs)} pairs of customers.`,
      head: ["targets shared", ...FIGURE],
      rows: visibleRows(overlap.rows).map((row) => [cell(row.shared, formatCount), ...figureCells(row)]),
    },
    load: {
      title: "Load per target",
      note: "Customers that hold a target; a customer's demand is shared evenly by its targets.",
      head: ["", "least", "mean", "most", "most ÷ mean"],
      rows: [["customers", ...spreadCells(simulation.load.customers)], ...demandRows(simulation.load.demand)],
    },
    failures: {
      title: "Blast radius of failed targets",
      note: "Of all customers, averaged over which targets fail; a hurt one loses a target or more, a dark one all it has.",
      head: ["targets failed", ...FIGURE.map((name) => `hurt, ${name}`), ...FIGURE.map((name) => `dark, ${name}`)],
      rows: failures.rows
        .filter(({ failed }) => failures.shown.includes(failed))
        .map(({ failed, hurt, dark }) => [cell(failed, formatCount), ...figureCells(hurt), ...figureCells(dark)]),
    },
    zones: {
      title: "Blast radius of a zone",
      note: "Of all customers, when every target of the zone fails; all were counted.",
      head: ["zone", "targets", "hurt", "dark"],
      rows: simulation.zones.map(({ zone, targets, hurt, dark }) => [
        zone === "" ? "none" : zone,
        cell(targets, formatCount),
        cell(hurt, formatShare),
        cell(dark, formatShare),
      ]),
    },
    poison: {
      title: "Blast radius of poison customers",
      note: "Of the other customers, when these take down every target they have.",
      head: ["poison customers", ...FIGURE.map((name) => `hurt, ${name}`), ...FIGURE.map((name) => `dark, ${name}`)],
      rows: poison.rows.map(({ heavy, hurt, dark }) => [cell(heavy, formatCount), ...figureCells(hurt), ...figureCells(dark)]),
    },
    lost: {
      title: "Targets lost to poison customers",
      note: "Of the other customers, how many lose exactly so many of their targets.",
      head: ["poison customers", "targets lost", ...FIGURE],
      rows: poison.rows.flatMap(({ heavy, lost }) =>
        visibleRows(lost).map((row) => [cell(heavy, formatCount), cell(row.members, formatCount), ...figureCells(row)]),
      ),
    },
    changes: {
      title: "Who moves when the pool changes",
      note: `Of ${formatCount(simulation.changes.customers)} customers, and of all members of their shards; no deal can move less than the least.`,
      head: ["change", ...MOVED.map((name) => `customers, ${name}`), ...MOVED.map((name) => `members, ${name}`)],
      rows: simulation.changes.rows.map(({ change, customers, members }) => [change, ...figureCells(customers), ...figureCells(members)]),
    },
  };
}

const MOVED = ["least", "simulated", "chance"];

/** All rows of a small shard; of a large one those that can be told from nothing, for the others only fill the page. */
export function visibleRows<Row extends Figure>(rows: readonly Row[]): readonly Row[] {
  return rows.length <= 12 ? rows : rows.filter(({ exact = 0, simulated }) => simulated > 0 || exact > 1e-9);
}

const cell = (value: number | undefined, format: (value: number) => string): Cell =>
  value === undefined ? "–" : { value, text: format(value) };

const figureCells = ({ exact, simulated, error }: Figure): readonly Cell[] => [
  cell(exact, formatShare),
  cell(simulated, formatShare),
  cell(error, formatError),
];

const spreadCells = ({ min, mean, max, maxOverMean }: Spread): readonly Cell[] =>
  [min, mean, max, maxOverMean].map((value) => cell(value, formatNumber));

const demandRows = (demand: Spread | undefined): Table["rows"] => (demand === undefined ? [] : [["demand", ...spreadCells(demand)]]);
