import { type Axis, at, draw, type Key, niceStep, quote, WIDTH } from "./svg.ts";

/** Shares by a whole number: a formula as a line, what was found as dots. */
export interface Series extends Key {
  readonly mark: "line" | "dot";
  readonly points: readonly { readonly x: number; readonly share: number; readonly text: string }[]; // text: what a pointer is told
}

/** What a chart of shares shows. */
export interface LineChart {
  readonly title: string;
  readonly x: string; // the axes' names
  readonly y: string;
  readonly series: readonly Series[];
}

const AREA = { left: 96, right: WIDTH - 24, top: 64, bottom: 300 };
const HEIGHT = 356;
const SMALLEST = 1e-10; // below, nobody cares; the page says so

/** Draws shares on a logarithmic scale: the small ones are what shuffle sharding is about. A share of 0 has no place on it. */
export function drawLines({ title, x, y, series }: LineChart): string {
  const points = series.flatMap((one) => one.points);
  const shares = points.map(({ share }) => share).filter((share) => share > 0);
  const lowest = Math.floor(Math.log10(Math.max(SMALLEST, Math.min(0.09, ...shares))));
  const xs = points.map((point) => point.x);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const place = (value: number): number => AREA.left + 16 + ((value - first) / Math.max(1, last - first)) * (AREA.right - AREA.left - 32);
  const level = (share: number): number => AREA.top + (Math.log10(share) / lowest) * (AREA.bottom - AREA.top);
  const step = niceStep(last - first, 1);
  const from = Math.ceil(first / step) * step;
  const ticks = Array.from({ length: Math.floor((last - from) / step) + 1 }, (_, i) => from + i * step);
  return draw({
    title,
    height: HEIGHT,
    area: AREA,
    x: { name: x, ticks: ticks.map((tick) => ({ at: place(tick), label: `${tick}` })) },
    y: decades(y, lowest, level),
    keys: series,
    body: series.map((one) => drawSeries(one, { place, level, floor: 10 ** lowest })),
  });
}

function decades(name: string, lowest: number, level: (share: number) => number): Axis {
  const step = lowest < -6 ? 2 : 1;
  const powers = Array.from({ length: Math.floor(-lowest / step) + 1 }, (_, i) => -i * step);
  return { name, ticks: powers.map((power) => ({ at: level(10 ** power), label: percent(power + 2) })) };
}

const percent = (power: number): string => `${power < -4 ? `1e${power}` : 10 ** power} %`;

interface Scale {
  readonly place: (x: number) => number;
  readonly level: (share: number) => number;
  readonly floor: number; // the lowest share with a place
}

function drawSeries({ mark, style, points }: Series, { place, level, floor }: Scale): string {
  const drawn = points.filter(({ share }) => share >= floor);
  const dots = drawn.map(
    ({ x, share, text }) =>
      `<circle class="${mark === "dot" ? "dot" : "hover"} ${style}" cx="${at(place(x))}" cy="${at(level(share))}" r="${mark === "dot" ? 4.5 : 7}"><title>${quote(text)}</title></circle>`,
  );
  if (mark === "dot") return dots.join("");
  return `<polyline class="line ${style}" points="${drawn.map(({ x, share }) => `${at(place(x))},${at(level(share))}`).join(" ")}"/>${dots.join("")}`;
}
