import { at, draw, quote, WIDTH } from "./svg.ts";

/** A bar a row, shares 0 … 1, each with a mark where the least possible lies. */
export interface RowChart {
  readonly title: string;
  readonly x: string; // the axis' name
  readonly rows: readonly Row[];
}

export interface Row {
  readonly group: string; // said once, over the first of its rows
  readonly name: string;
  readonly style: string; // CSS class
  readonly share: number;
  readonly least: number | undefined;
  readonly text: string; // behind the bar
}

const LEFT = 110;
const RIGHT = WIDTH - 190; // room for the numbers behind the longest bar
const TOP = 64;
const LINE = 24;
const GROUP = 26;

/** Draws the rows below one another. Groups stand together. */
export function drawRows({ title, x, rows }: RowChart): string {
  const isFirst = (i: number): boolean => rows[i]?.group !== rows[i - 1]?.group;
  const tops = rows.map((_, i) => TOP + i * LINE + GROUP * rows.slice(0, i + 1).filter((__, j) => isFirst(j)).length);
  const bottom = (tops.at(-1) ?? TOP) + LINE + 6;
  const most = Math.max(1, ...rows.map(({ share }) => share)); // more members can come than there were
  const step = most > 2 ? Math.ceil(most / 5) : 0.2;
  const place = (share: number): number => LEFT + (share / most) * (RIGHT - LEFT);
  const ticks = Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);
  return draw({
    title,
    height: bottom + 56,
    area: { left: LEFT, right: RIGHT, top: TOP, bottom },
    x: { name: x, ticks: ticks.map((tick) => ({ at: place(tick), label: `${Math.round(100 * tick)} %` })) },
    y: undefined,
    keys: [
      { name: "customers", style: "a", mark: "box" },
      { name: "members", style: "c", mark: "box" },
      { name: "least possible", style: "b", mark: "line" },
    ],
    body: rows.flatMap((row, i) => [
      ...(isFirst(i) ? [`<text class="group" x="16" y="${(tops[i] ?? 0) - 8}">${quote(row.group)}</text>`] : []),
      drawRow(row, tops[i] ?? 0, place),
    ]),
  });
}

function drawRow({ name, style, share, least, text }: Row, top: number, place: (share: number) => number): string {
  const mark =
    least === undefined ? "" : `<line class="line b" x1="${at(place(least))}" y1="${top}" x2="${at(place(least))}" y2="${top + LINE}"/>`;
  return [
    `<text class="tick" x="${LEFT - 8}" y="${top + 16}" text-anchor="end">${quote(name)}</text>`,
    `<rect class="box ${style}" x="${LEFT}" y="${top + 3}" width="${at(place(share) - LEFT)}" height="${LINE - 6}"/>`,
    mark,
    `<text class="tick" x="${at(place(Math.max(share, least ?? 0)) + 8)}" y="${top + 16}">${quote(text)}</text>`,
  ].join("");
}
