import { type Axis, at, draw, niceStep, quote, WIDTH } from "./svg.ts";

/** A column an item. */
export interface ColumnChart {
  readonly title: string;
  readonly x: string; // the axes' names
  readonly y: string;
  readonly columns: readonly { readonly label: string; readonly value: number; readonly text: string }[];
  readonly mean: number;
}

const LEFT = 96;
const RIGHT = WIDTH - 24;
const TOP = 64;
const BOTTOM = 270;
const NAMED = 30; // more labels than these cannot be read
const SEPARATE = 300; // more columns than these melt into an area

/** Draws loads from zero up, with their mean: what looks level is level. */
export function drawColumns({ title, x, y, columns, mean }: ColumnChart): string {
  const isNamed = columns.length <= NAMED;
  const most = Math.max(1e-9, ...columns.map(({ value }) => value));
  const step = niceStep(most);
  const top = Math.ceil(most / step) * step;
  const width = (RIGHT - LEFT) / columns.length;
  const level = (value: number): number => BOTTOM - (value / top) * (BOTTOM - TOP);
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return draw({
    title,
    height: isNamed ? 396 : 326,
    area: { left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM },
    x: { name: x, ticks: isNamed ? [] : numbered(columns.length, width) },
    y: { name: y, ticks: ticks.map((tick) => ({ at: level(tick), label: Number(tick.toPrecision(6)).toLocaleString("en-US") })) },
    keys: [
      { name: "simulated", style: "a", mark: "box" },
      { name: "mean", style: "b", mark: "line" },
    ],
    body: [
      ...(columns.length <= SEPARATE
        ? columns.map((column, i) => bar(column, { x: LEFT + i * width, width, level }))
        : [outline(columns, width, level)]),
      ...(isNamed ? columns.map(({ label }, i) => slanted(label, LEFT + (i + 0.5) * width)) : []),
      `<line class="line b" x1="${LEFT}" y1="${at(level(mean))}" x2="${RIGHT}" y2="${at(level(mean))}"/>`,
    ],
  });
}

/** Every so manieth column's number, from 1. */
function numbered(count: number, width: number): Axis["ticks"] {
  const step = niceStep(count, 1);
  const numbers = [1, ...Array.from({ length: Math.floor(count / step) }, (_, i) => (i + 1) * step)];
  return [...new Set(numbers)].map((number) => ({ at: LEFT + (number - 0.5) * width, label: number.toLocaleString("en-US") }));
}

type Level = (value: number) => number;
type Column = ColumnChart["columns"][number];

function bar({ value, text }: Column, { x, width, level }: { readonly x: number; readonly width: number; readonly level: Level }): string {
  const gap = Math.min(width * 0.2, 8);
  return `<rect class="box a" x="${at(x + gap / 2)}" y="${at(level(value))}" width="${at(width - gap)}" height="${at(BOTTOM - level(value))}"><title>${quote(text)}</title></rect>`;
}

function outline(columns: readonly Column[], width: number, level: Level): string {
  const steps = columns.map(({ value }, i) => `V${at(level(value))}H${Math.round((LEFT + (i + 1) * width) * 100) / 100}`);
  return `<path class="box a" d="M${LEFT} ${BOTTOM}${steps.join("")}V${BOTTOM}Z"/>`;
}

const LABEL = 14; // characters

function slanted(label: string, x: number): string {
  const short = label.length > LABEL ? `${label.slice(0, LABEL - 1)}…` : label;
  return `<text class="tick" text-anchor="end" transform="translate(${at(x + 4)} ${BOTTOM + 14}) rotate(-45)">${quote(short)}</text>`;
}
