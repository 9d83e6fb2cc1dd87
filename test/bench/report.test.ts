import { describe, expect, test } from "vitest";
import { drawChart, niceStep } from "../../bench/chart.ts";
import { createReport, markdownReport, textReport } from "../../bench/report.ts";
import { sample } from "./samples.ts";

const machine = { cores: 2, processor: "A & B <1>", kernel: "6", node: "24.0.0", envoy: "1.40.0", go: "1.26" };
const warmUp = { leastSeconds: 1, mostSeconds: 1, requests: 0 };
const options = { rows: ["none", "own", "go"], rounds: 1, seconds: 3, warmUp, out: undefined, markdown: false } as const;
const report = createReport({
  at: "2026-01-01T00:00:00.000Z",
  machine,
  options,
  samples: [1, 32].flatMap((connections) => [
    sample("go", { connections, serverUs: 25, meanUs: 300 }),
    sample("own", { connections, serverUs: 4.25, meanUs: 200, failures: 7, othersShare: 0.2 }),
    sample("none", { connections, meanUs: 100 }),
  ]),
});

describe("the report for a terminal", () => {
  const lines = textReport(report).split("\n");

  test("has a table for each number of connections, its rows in a fixed order", () => {
    const first = lines.map((line) => line.split(/ {2,}/)[0]);
    const names = ["no filter", "riffle (own)", "grpc-go"];
    expect(first.filter((cell) => names.includes(cell ?? ""))).toEqual([...names, ...names]);
  });

  test("sets numbers under their titles", () => {
    const at = lines.findIndex((line) => line.includes("server CPU µs"));
    const end = (lines[at] ?? "").indexOf("server CPU µs") + "server CPU µs".length;
    expect(lines[at + 2]?.slice(0, end)).toMatch(/ 4\.3$/);
    expect(lines[at + 1]?.slice(0, end)).toMatch(/ –$/);
  });

  test("says what is met, who failed, and how much went to others", () => {
    const text = lines.join("\n");
    expect(text).toMatch(/met +server CPU per request, 32 connections: riffle \(own\) against grpc-go/);
    expect(text).toMatch(/riffle \(own\).* 7$/m);
    expect(text).toContain("up to 20 %");
  });
});

test("the report for the README names the machine's cores and is a table of Markdown", () => {
  const text = markdownReport(report);
  expect(text).toContain("2 cores");
  expect(text).toMatch(/^\| riffle \(own\) \| 1000 \| 200 \|/m);
  expect(text).toMatch(/^\|---\|---:\|/m);
});

describe("the chart", () => {
  const svg = drawChart(report);

  test("has a bar for each part of each row, and names its axes", () => {
    expect(svg.match(/height="18" fill=/g)).toHaveLength(3 * 2 + 3 + 3);
    for (const axis of ["µs of CPU per request", "mean, µs", "requests per second"]) expect(svg).toContain(`>${axis}<`);
  });

  test("is well formed whatever a processor is called", () => {
    expect(svg).toContain("A &#38; B &#60;1&#62;");
  });

  test("leaves out what was not measured", () => {
    expect(drawChart({ ...report, figures: [] })).not.toContain("<line");
  });
});

test.each([
  { most: 7, step: 1 },
  { most: 100, step: 20 },
  { most: 26_000, step: 5_000 },
  { most: 0.9, step: 0.2 },
])("an axis up to $most has a tick every $step", ({ most, step }) => {
  expect(niceStep(most)).toBeCloseTo(step);
});
