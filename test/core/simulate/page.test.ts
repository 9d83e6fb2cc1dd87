import { expect, test } from "vitest";
import { renderPage } from "../../../src/core/simulate/page.ts";
import { tablesOf } from "../../../src/core/simulate/tables.ts";
import { renderText } from "../../../src/core/simulate/text.ts";
import { plainRules, simulationOf, targetsOf } from "./requests.ts";

const demand = Float64Array.from({ length: 600 }, (_, i) => i % 7);
const simulation = simulationOf({
  targets: targetsOf(16, 2),
  rules: { ...plainRules(3), zones: "min" },
  customers: { count: 600, name: (customer) => `c${customer}`, demand },
});
const page = renderPage(simulation);

/** The JSON that the page carries. */
const embedded = (html: string): unknown =>
  JSON.parse(/<script type="application\/json" id="simulation">(.*?)<\/script>/s.exec(html)?.[1] ?? "");

/** All numbers anywhere in a value. */
function numbersOf(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

/** What a text of the page says, as a number: powers, percentages and thousands. */
const read = (text: string): number => Number(text.replace(/[±%, ]/g, "")) / (text.includes("%") ? 100 : 1);

test("every number of the page's tables is one of --json, and its text says the same to three digits", () => {
  const known = new Set(numbersOf(JSON.parse(JSON.stringify(simulation))));
  const shown = [...page.matchAll(/<data value="([^"]+)">([^<]+)<\/data>/g)];
  expect(shown.length).toBeGreaterThan(100);
  for (const [, value = "", text = ""] of shown) {
    expect(known, text).toContain(Number(value));
    const tolerance = text.startsWith("±") ? 0.05 : 0.005;
    if (/^[\d,]+$/.test(text)) expect(read(text)).toBe(Math.round(Number(value)));
    else expect(Math.abs(read(text) - Number(value)), `${text} for ${value}`).toBeLessThanOrEqual(tolerance * Number(value));
  }
});

test("a row of the page holds the figures of its own row of --json", () => {
  const cells = [...page.matchAll(/<tr>(<td>.*?)<\/tr>/g)].map(([, row = ""]) =>
    [...row.matchAll(/value="([^"]+)"/g)].map(([, value]) => Number(value)),
  );
  for (const { shared, exact, simulated, error } of simulation.overlap.rows)
    expect(cells).toContainEqual([shared, exact, simulated, error]);
  for (const { heavy, hurt, dark } of simulation.poison.rows) {
    expect(cells).toContainEqual([heavy, hurt.exact, hurt.simulated, hurt.error, dark.exact, dark.simulated, dark.error]);
  }
  for (const { customers, members } of simulation.changes.rows) {
    expect(cells).toContainEqual([customers, members].flatMap(({ exact, simulated, error }) => [exact, simulated, error]));
  }
});

test("the page carries the JSON it was made of, and terminal and page show the same cells", () => {
  expect(embedded(page)).toEqual(JSON.parse(JSON.stringify(simulation)));
  const text = renderText(simulation);
  for (const { title, rows } of Object.values(tablesOf(simulation))) {
    expect(page).toContain(title);
    for (const cell of rows.flat()) {
      const shown = typeof cell === "string" ? cell : cell.text;
      expect(text).toContain(shown);
      expect(page).toContain(`${typeof cell === "string" ? cell : `>${cell.text}<`}`);
    }
  }
});

test("the page needs nothing else: no address, no script that runs, nothing that its own policy forbids", () => {
  expect(page).not.toMatch(/https?:|\bsrc=|\bhref=|@import|url\(|\bon\w+=| style="/);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

test("every chart has a title, and its axes have names with units", () => {
  const charts = [...page.matchAll(/<svg.*?<\/svg>/gs)].map(([chart]) => chart);
  expect(charts).toHaveLength(6);
  for (const chart of charts) {
    expect(chart).toMatch(/<text [^>]*class="title">[A-Z][^<]+</);
    const axes = [...chart.matchAll(/<text class="axis"[^>]*>([^<]+)</g)].map(([, name]) => name);
    expect(axes.length).toBeGreaterThanOrEqual(chart.includes("that move<") ? 1 : 2);
    for (const axis of axes) expect(axis).toMatch(/^[a-z ]+\(.+\)$/);
    expect(chart).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test("names that would be markup are shown as they are, in tables, charts and JSON", () => {
  const hostile = `</script><img/onerror=alert(1)>&'<!--`;
  const html = renderPage(simulationOf({ pool: hostile, targets: [...targetsOf(11), { id: hostile, zone: hostile }] }));
  expect(html).not.toMatch(/<img|<!--/);
  expect(html.match(/<\/script>/g)).toHaveLength(1);
  expect(html).toContain("&#60;img/onerror=alert(1)&#62;");
  expect(embedded(html)).toMatchObject({ pool: { name: hostile } });
});
