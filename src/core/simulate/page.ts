import { quote } from "./charts/svg.ts";
import { changeChart, failureChart, loadCharts, overlapChart, poisonChart } from "./charts.ts";
import { STYLE } from "./page-style.ts";
import type { Simulation } from "./result.ts";
import { type Cell, type Table, tablesOf, targetsTable } from "./tables.ts";
import { describePool } from "./text.ts";

/** The simulation as one page that needs nothing else: charts, the tables of the terminal, and the JSON they were made of. */
export function renderPage(simulation: Simulation): string {
  const tables = tablesOf(simulation);
  const sections = [
    section([], tables.shards),
    section([overlapChart(simulation)], tables.overlap),
    section(loadCharts(simulation), tables.load, details(targetsTable(simulation))),
    section([failureChart(simulation)], tables.failures),
    section([], tables.zones),
    section(simulation.poison.rows.length > 0 ? [poisonChart(simulation)] : [], tables.poison, details(tables.lost)),
    section([changeChart(simulation)], tables.changes),
  ];
  const title = `riffle: simulation of ${simulation.pool.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${quote(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${quote(title)}</h1>
<p>${quote(describePool(simulation.pool))}. Exact figures are those of an ideal deal; the standard
error is how far chance alone carries a simulated one. In charts lines are exact and dots simulated;
shares below 1e-8 % are not drawn.</p>
${warnings(simulation)}
${sections.join("\n")}
</main>
<script type="application/json" id="simulation">${embed(simulation)}</script>
</body>
</html>
`;
}

const warnings = ({ warnings: lines }: Simulation): string =>
  lines.length === 0 ? "" : `<ul class="warnings">${lines.map((line) => `<li>${quote(line)}</li>`).join("")}</ul>`;

function section(charts: readonly string[], table: Table, more = ""): string {
  if (table.rows.length === 0) return "";
  return `<section>
<h2>${quote(table.title)}</h2>
<p>${quote(table.note)}</p>
${charts.map((chart) => `<figure>${chart}</figure>`).join("\n")}
${renderTable(table)}
${more}
</section>`;
}

const details = (table: Table): string =>
  table.rows.length === 0
    ? ""
    : `<details><summary>${quote(table.title)}</summary><p>${quote(table.note)}</p>${renderTable(table)}</details>`;

function renderTable({ head, rows }: Table): string {
  const cells = (tag: string, texts: readonly string[]): string => `<tr>${texts.map((text) => `<${tag}>${text}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => cells("td", row.map(renderCell)));
  return `<div class="scroll"><table><thead>${cells("th", head.map(quote))}</thead><tbody>\n${body.join("\n")}\n</tbody></table></div>`;
}

/** A number carries its exact value, for whoever reads the page with a program. */
const renderCell = (cell: Cell): string =>
  typeof cell === "string" ? quote(cell) : `<data value="${cell.value}">${quote(cell.text)}</data>`;

/** Inside a script nothing is escaped, and only `</script` and `<!--` end it or change how it is read: no `<` is left. */
const embed = (simulation: Simulation): string => JSON.stringify(simulation).replaceAll("<", "\\u003c");
