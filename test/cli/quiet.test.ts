import { expect, test } from "vitest";
import { countStreams, untilQuiet } from "../../src/cli/quiet.ts";

test.each<[string, (interval: number) => boolean, number]>([
  ["three check intervals at least, for who checks twice before believing", () => false, 3],
  ["three when the last stream came in the second", (interval) => interval < 2, 3],
  ["until an interval has passed without a new stream", (interval) => interval < 6, 7],
  ["not for ever, for who never stops", () => true, 15],
])("a drain waits %s", async (_, isBusy, expected) => {
  let opened = 7;
  let intervals = 0;
  const interval = async (): Promise<void> => {
    if (isBusy(intervals++)) opened++;
  };
  await untilQuiet(() => opened, interval);
  expect(intervals).toBe(expected);
});

test("streams are counted, and opened as before", () => {
  const inlet = { message: () => {}, end: () => {}, cancel: () => {} };
  const { method, opened } = countStreams({ kind: "bidi", path: "/s/m", open: () => inlet });
  if (method.kind !== "bidi") throw new Error("not a stream");
  const outlet = { send: () => {}, end: () => {} };
  expect(method.open(outlet, { metadata: { get: () => undefined } })).toBe(inlet);
  expect([method.path, opened()]).toEqual(["/s/m", 1]);
});
