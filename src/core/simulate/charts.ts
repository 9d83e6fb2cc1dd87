import { drawColumns } from "./charts/columns.ts";
import { drawLines, type Series } from "./charts/lines.ts";
import { drawRows, type Row } from "./charts/rows.ts";
import { formatNumber, formatShare } from "./format.ts";
import type { Figure, Simulation } from "./result.ts";
import { visibleRows } from "./tables.ts";

/** Customer pairs by how many targets they share. */
export const overlapChart = ({ overlap }: Simulation): string =>
  drawLines({
    title: "Pairs of customers by the targets they share",
    x: "targets shared (count)",
    y: "share of customer pairs (%)",
    series: [
      ...seriesOf(
        "a",
        { exact: "exact", simulated: "simulated" },
        visibleRows(overlap.rows).map((row) => ({ x: row.shared, figure: row })),
      ),
    ],
  });

/** Each target's customers; and its demand when that is known. */
export function loadCharts({ load }: Simulation): readonly string[] {
  const columns = (of: (target: Simulation["load"]["targets"][number]) => number, unit: string) =>
    load.targets.map((target) => ({ label: target.id, value: of(target), text: `${target.id}: ${formatNumber(of(target))} ${unit}` }));
  const x = "target (in the pool's order)";
  const byCustomers = drawColumns({
    title: "Load per target, by customers",
    x,
    y: "customers that hold it (count)",
    columns: columns(({ customers }) => customers, "customers"),
    mean: load.customers.mean,
  });
  if (load.demand === undefined) return [byCustomers];
  const byDemand = drawColumns({
    title: "Load per target, by demand",
    x,
    y: "demand (unit of the weights)",
    columns: columns(({ demand = 0 }) => demand, "of demand"),
    mean: load.demand.mean,
  });
  return [byCustomers, byDemand];
}

/** Who is hurt and who is dark, by how many targets fail. */
export const failureChart = ({ failures }: Simulation): string =>
  drawLines({
    title: "Customers hurt and dark by failed targets",
    x: "targets failed at once (count)",
    y: "share of all customers (%)",
    series: [
      ...seriesOf(
        "a",
        { exact: "hurt, exact", simulated: "hurt, simulated" },
        failures.rows.map((row) => ({ x: row.failed, figure: row.hurt })),
      ),
      ...seriesOf(
        "b",
        { exact: "dark, exact", simulated: "dark, simulated" },
        failures.rows.map((row) => ({ x: row.failed, figure: row.dark })),
      ),
    ],
  });

const STYLES = ["a", "b", "c"];

/** How many targets others lose to poison customers. */
export const poisonChart = ({ poison }: Simulation): string =>
  drawLines({
    title: "Other customers by the targets they lose",
    x: "targets lost (count)",
    y: "share of the other customers (%)",
    series: poison.rows.flatMap(({ heavy, lost }, place) =>
      seriesOf(
        STYLES[place] ?? "a",
        { exact: undefined, simulated: `${heavy} poison customer${heavy === 1 ? "" : "s"}` },
        visibleRows(lost).map((row) => ({ x: row.members, figure: row })),
      ),
    ),
  });

/** Who moves, change by change. */
export const changeChart = ({ changes }: Simulation): string =>
  drawRows({
    title: "Customers and members that move",
    x: "share that changes (%)",
    rows: changes.rows.flatMap(({ change, customers, members }): readonly Row[] => [
      { group: change, name: "customers", style: "a", ...barOf(customers) },
      { group: change, name: "members", style: "c", ...barOf(members) },
    ]),
  });

const barOf = ({ exact, simulated }: Figure): Pick<Row, "share" | "least" | "text"> => ({
  share: simulated,
  least: exact,
  text: exact === undefined ? formatShare(simulated) : `${formatShare(simulated)} (least ${formatShare(exact)})`,
});

interface Point {
  readonly x: number;
  readonly figure: Figure;
}

/** A line for the formula, where there is one, and dots for what was found; without a name of its own the line goes with the dots. */
function seriesOf(
  style: string,
  names: { readonly exact: string | undefined; readonly simulated: string },
  points: readonly Point[],
): readonly Series[] {
  const exact = points.flatMap(({ x, figure }) =>
    figure.exact === undefined ? [] : [{ x, share: figure.exact, text: `${x}: ${formatShare(figure.exact)} exact` }],
  );
  const simulated = points.map(({ x, figure }) => ({
    x,
    share: figure.simulated,
    text: `${x}: ${formatShare(figure.simulated)} simulated`,
  }));
  const line: Series = { name: names.exact ?? "", style, mark: "line", points: exact };
  return [...(exact.length > 0 ? [line] : []), { name: names.simulated, style, mark: "dot", points: simulated }];
}
