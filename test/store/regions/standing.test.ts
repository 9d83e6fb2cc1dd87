import { expect, test } from "vitest";
import { CALM_MS, type Standing, StandingWatch } from "../../../src/store/regions/standing.ts";
import { broken, found, garbled, none } from "./scripted.ts";

function watch() {
  const clock = { nowMs: 0 };
  const said: Standing[] = [];
  const watched = new StandingWatch(
    () => clock.nowMs,
    (standing) => said.push(standing),
  );
  return { clock, said, watched };
}

test("a service that stops answering is one report, and one when it answers again", () => {
  const { clock, said, watched } = watch();
  watched.hear(found("eu-west"));
  for (let call = 0; call < 100; call++) watched.hear(broken);
  expect(said).toEqual([{ isAnswering: false, why: "status 500" }]);
  clock.nowMs = CALM_MS;
  for (let call = 0; call < 100; call++) watched.hear(none);
  expect(said).toEqual([
    { isAnswering: false, why: "status 500" },
    { isAnswering: true, why: undefined },
  ]);
});

test("one key that always fails among others that never do is one report", () => {
  const { clock, said, watched } = watch();
  for (; clock.nowMs < 1_000_000; clock.nowMs += 1_000) {
    watched.hear(garbled);
    watched.hear(found("eu-west"));
  }
  expect(said).toHaveLength(1);
});
