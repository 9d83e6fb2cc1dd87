/** Text as it may stand in HTML and SVG, in attributes too: names come from files, and may be anything. */
export const quote = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** A coordinate, to a tenth of a unit. */
export const at = (value: number): string => `${Math.round(value * 10) / 10}`;

/** Where the data lie in a drawing, in its units; around them stand title, axes and legend. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const WIDTH = 720;

/** What an axis says. */
export interface Axis {
  readonly name: string; // with the unit
  readonly ticks: readonly { readonly at: number; readonly label: string }[]; // in units of the drawing
}

/** What one color means. */
export interface Key {
  readonly name: string; // "": not in the legend
  readonly style: string; // CSS class
  readonly mark: "line" | "dot" | "box";
}

/** A whole drawing: title, axes with grid, legend, and the data drawn by the caller. */
export interface Drawing {
  readonly title: string;
  readonly height: number;
  readonly area: Area;
  readonly x: Axis;
  readonly y: Axis | undefined; // undefined: rows carry their own labels
  readonly keys: readonly Key[];
  readonly body: readonly string[];
}

/** The drawing as an SVG that takes its colors from the page's style sheet. */
export function draw({ title, height, area, x, y, keys, body }: Drawing): string {
  const { left, right, top, bottom } = area;
  const middle = at((top + bottom) / 2);
  const parts = [
    `<text x="16" y="24" class="title">${quote(title)}</text>`,
    ...drawKeys(keys, left),
    ...x.ticks.map((tick) => `<line class="grid" x1="${at(tick.at)}" y1="${top}" x2="${at(tick.at)}" y2="${bottom}"/>`),
    ...x.ticks.map((tick) => `<text class="tick" x="${at(tick.at)}" y="${bottom + 18}" text-anchor="middle">${quote(tick.label)}</text>`),
    `<text class="axis" x="${at((left + right) / 2)}" y="${height - 10}" text-anchor="middle">${quote(x.name)}</text>`,
    ...(y?.ticks ?? []).flatMap((tick) => [
      `<line class="grid" x1="${left}" y1="${at(tick.at)}" x2="${right}" y2="${at(tick.at)}"/>`,
      `<text class="tick" x="${left - 8}" y="${at(tick.at + 4)}" text-anchor="end">${quote(tick.label)}</text>`,
    ]),
    ...(y
      ? [`<text class="axis" x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${quote(y.name)}</text>`]
      : []),
    ...body,
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${quote(title)}">\n${parts.join("\n")}\n</svg>`;
}

const KEY_WIDTH = 150;

function drawKeys(keys: readonly Key[], left: number): readonly string[] {
  return keys
    .filter(({ name }) => name !== "")
    .map(({ name, style, mark }, place) => {
      const x = left + place * KEY_WIDTH;
      const drawn = {
        line: `<line class="line ${style}" x1="${x}" y1="44" x2="${x + 18}" y2="44"/>`,
        dot: `<circle class="dot ${style}" cx="${x + 9}" cy="44" r="4.5"/>`,
        box: `<rect class="box ${style}" x="${x + 4}" y="38" width="12" height="12"/>`,
      };
      return `${drawn[mark]}<text class="tick" x="${x + 25}" y="48">${quote(name)}</text>`;
    });
}

/** 1, 2 or 5 times a power of ten, for five to twelve ticks up to this; at least `least`. */
export function niceStep(most: number, least = 0): number {
  const rough = Math.max(most / 8, least, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}
