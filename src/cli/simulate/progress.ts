import type { Steps } from "../../core/simulate/steps.ts";

/** Where a bar is drawn: stderr as a rule. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const QUIET_MS = 1000; // what is over by then needs no bar
const REDRAW_MS = 100;
const WIDTH = 30;

/** Runs all steps; on a terminal, and once it takes long, with a bar that is gone at the end. `now` is a clock in ms. */
export function runWithBar<Result>(steps: Steps<Result>, screen: Screen, now: () => number): Result {
  const started = now();
  let drawn = started + QUIET_MS - REDRAW_MS;
  let isDrawn = false;
  for (;;) {
    const step = steps.next();
    if (step.done) {
      if (isDrawn) screen.write(CLEAR);
      return step.value;
    }
    if (screen.isTTY !== true || now() - drawn < REDRAW_MS) continue;
    drawn = now();
    isDrawn = true;
    screen.write(CLEAR + drawBar(step.value.doing, step.value.share));
  }
}

const CLEAR = "\r\x1b[2K";

function drawBar(doing: string, share: number): string {
  const full = Math.round(share * WIDTH);
  return `${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${String(Math.floor(100 * share)).padStart(3)} %  ${doing}`;
}
