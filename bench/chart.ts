import { machineLine } from "./machine.ts";
import { effort, type Report } from "./report.ts";
import { ROWS } from "./rows.ts";
import type { Figures } from "./summary.ts";

/** The report as a picture, SVG: who pays how much CPU, what a client waits for, and how much goes through. */
export function drawChart({ machine, options, figures }: Report): string {
  const panels = PANELS.map((panel) => ({
    ...panel,
    rows: ROWS.flatMap(({ id, title }) => bar(panel, title, figures.find(isOf(panel, id)))),
  }));
  const filled = panels.filter(({ rows }) => rows.length > 0);
  const heights = filled.map(({ rows }) => HEAD + rows.length * LINE + FOOT);
  const tops = heights.map((_, place) => TOP + heights.slice(0, place).reduce((sum, height) => sum + height, 0));
  const height = TOP + heights.reduce((sum, one) => sum + one, 0);
  const body = filled.map((panel, place) => drawPanel(panel, tops[place] ?? 0));
  const caption = `${machineLine(machine)}; ${effort(options)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="${MARGIN}" y="28" font-size="17" font-weight="bold">Deciding where each request goes, beside a real Envoy</text>
<text x="${MARGIN}" y="48" fill="#666" font-size="11">${quote(caption)}</text>
${body.join("\n")}
</svg>
`;
}

const WIDTH = 860;
const MARGIN = 20;
const LABELS = 150; // where bars begin
const PLOT = WIDTH - LABELS - 210; // room for the numbers behind the longest bar
const TOP = 66;
const HEAD = 30; // of a panel: its title
const LINE = 24; // a bar
const FOOT = 58; // its axis

/** One part of a bar. */
interface Part {
  readonly of: (figures: Figures) => number | undefined;
  readonly name: string;
  readonly color: string;
}

interface Panel {
  readonly title: string;
  readonly axis: string;
  readonly connections: number;
  readonly parts: readonly Part[]; // one behind the other
  readonly text: (figures: Figures) => string; // the numbers behind the bar
}

interface Bar {
  readonly title: string;
  readonly text: string;
  readonly values: readonly number[];
}

const CALM = "#b8c4ce";
const STRONG = "#1f6f8b";
const WARM = "#d98841";

const PANELS: readonly Panel[] = [
  {
    title: "CPU per request, 32 connections",
    axis: "µs of CPU per request",
    connections: 32,
    parts: [
      { name: "server", color: WARM, of: ({ cpuUs }) => cpuUs.server ?? 0 },
      { name: "Envoy", color: CALM, of: ({ cpuUs }) => cpuUs.envoy },
    ],
    text: ({ cpuUs: { server, envoy } }) => (server === undefined ? label(envoy) : `${label(server)} + ${label(envoy)}`),
  },
  {
    title: "Latency seen by the client, 1 connection",
    axis: "mean, µs",
    connections: 1,
    parts: [{ name: "mean", color: STRONG, of: ({ meanUs }) => meanUs }],
    // Not as bars: one late answer in a hundred may have to do with the machine alone, and would dwarf all means.
    text: ({ meanUs, p50Us, p99Us }) => `${label(meanUs)} (p50 ${label(p50Us)}, p99 ${label(p99Us)})`,
  },
  {
    title: "Throughput, 32 connections",
    axis: "requests per second",
    connections: 32,
    parts: [{ name: "requests/s", color: STRONG, of: ({ perSecond }) => perSecond }],
    text: ({ perSecond }) => label(perSecond),
  },
];

const isOf =
  (panel: Panel, id: string) =>
  ({ row, connections }: Figures): boolean =>
    row === id && connections === panel.connections;

const bar = ({ parts, text }: Panel, title: string, figures: Figures | undefined): readonly Bar[] =>
  figures === undefined ? [] : [{ title, text: text(figures), values: parts.map(({ of }) => Math.max(0, of(figures) ?? 0)) }];

function drawPanel({ title, axis, parts, rows }: Panel & { readonly rows: readonly Bar[] }, top: number): string {
  const step = niceStep(Math.max(...rows.map(({ values }) => total(values))));
  const most = step * Math.ceil(Math.max(...rows.map(({ values }) => total(values))) / step);
  const x = (value: number): number => LABELS + (value / most) * PLOT;
  const base = top + HEAD + rows.length * LINE;
  return [
    `<text x="${MARGIN}" y="${top + 16}" font-weight="bold">${quote(title)}</text>`,
    ...(parts.length > 1 ? parts.map((part, place) => legend(part, WIDTH - 90 * (parts.length - place), top + 16)) : []),
    ...ticks(step, most).map((value) => tick(value, { x: x(value), top: top + HEAD, base })),
    ...rows.map((row, place) => drawBar(row, parts, { x, y: top + HEAD + place * LINE })),
    `<text x="${LABELS + PLOT / 2}" y="${base + 34}" text-anchor="middle" fill="#444">${quote(axis)}</text>`,
  ].join("\n");
}

function drawBar(
  { title, text, values }: Bar,
  parts: readonly Part[],
  { x, y }: { readonly x: (value: number) => number; readonly y: number },
): string {
  const starts = values.map((_, place) => total(values.slice(0, place)));
  const rects = values.map((value, place) => {
    const [from, to] = [x(starts[place] ?? 0), x((starts[place] ?? 0) + value)];
    return `<rect x="${round(from)}" y="${y + 3}" width="${round(to - from)}" height="${LINE - 6}" fill="${parts[place]?.color}"/>`;
  });
  return [
    `<text x="${LABELS - 8}" y="${y + 17}" text-anchor="end">${quote(title)}</text>`,
    ...rects,
    `<text x="${round(x(total(values))) + 6}" y="${y + 17}" fill="#222">${quote(text)}</text>`,
  ].join("\n");
}

const legend = ({ name, color }: Part, x: number, y: number): string =>
  `<rect x="${x}" y="${y - 10}" width="12" height="12" fill="${color}"/><text x="${x + 17}" y="${y}" fill="#444">${quote(name)}</text>`;

const tick = (value: number, { x, top, base }: { readonly x: number; readonly top: number; readonly base: number }): string =>
  `<line x1="${round(x)}" y1="${top}" x2="${round(x)}" y2="${base}" stroke="#e4e4e4"/>` +
  `<text x="${round(x)}" y="${base + 16}" text-anchor="middle" fill="#666" font-size="11">${label(value)}</text>`;

/** 1, 2 or 5 times a power of ten, for four to ten ticks up to this. */
export function niceStep(most: number): number {
  const rough = Math.max(most, Number.MIN_VALUE) / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

const ticks = (step: number, most: number): readonly number[] =>
  Array.from({ length: Math.round(most / step) + 1 }, (_, place) => place * step);

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const round = (value: number): number => Math.round(value * 10) / 10;
const label = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString("en-US") : `${round(value)}`);
const quote = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
