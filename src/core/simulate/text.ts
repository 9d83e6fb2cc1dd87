import { formatCount } from "./format.ts";
import type { PoolSummary, Simulation } from "./result.ts";
import { type Table, tablesOf } from "./tables.ts";

/** The simulation as text for a terminal. */
export function renderText(simulation: Simulation): string {
  const tables = Object.values(tablesOf(simulation)).filter(({ rows }: Table) => rows.length > 0);
  const warnings = simulation.warnings.map((warning) => `warning: ${warning}`);
  return [describePool(simulation.pool), ...(warnings.length > 0 ? [warnings.join("\n")] : []), ...tables.map(renderTable), ""]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

/** What was simulated, in one sentence. */
export function describePool({ name, targets, size, zones, mode, minZones, customers, algorithm }: PoolSummary): string {
  const spread = {
    plain: "zones not looked at",
    spread: `spread over ${plural(zones, "zone")}`,
    min: `in ${minZones} of ${plural(zones, "zone")} at least`,
  };
  const members = `${size} of ${plural(targets, "target")}, ${spread[mode]}`;
  return `${name}: ${plural(customers, "customer")}, each dealt ${members} (${algorithm})`;
}

const plural = (count: number, what: string): string => `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;

function renderTable({ title, note, head, rows }: Table): string {
  const lines = [head, ...rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text)))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const body = lines.map((line) => `  ${line.map((text, column) => pad(text, widths[column] ?? 0, column)).join("  ")}`.trimEnd());
  return [`${title}. ${note}`, ...body].join("\n");
}

const pad = (text: string, width: number, column: number): string => (column === 0 ? text.padEnd(width) : text.padStart(width));
