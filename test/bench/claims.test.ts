import { expect, test } from "vitest";
import { claimLine, judge } from "../../bench/claims.ts";
import { sample } from "./samples.ts";

const texts = (samples: Parameters<typeof judge>[0]): readonly string[] => judge(samples).map(({ text }) => text);

test.each([
  { own: 5, go: 15, met: true },
  { own: 5.1, go: 15, met: false },
])("a third of the Go peer's CPU is enough, and more is not: $own of $go", ({ own, go, met }) => {
  expect(judge([sample("own", { serverUs: own }), sample("go", { serverUs: go })])).toMatchObject([{ ours: own, theirs: go, met }]);
});

test.each([
  { own: 10, met: true },
  { own: 11, met: false },
])("a sixth of grpc-js's CPU is enough, and more is not: $own of 60", ({ own, met }) => {
  expect(judge([sample("own", { serverUs: own }), sample("grpc-js", { serverUs: 60 })])).toMatchObject([{ met }]);
});

test("added latency is what is above an Envoy that asks nobody, and must be less than the peer's", () => {
  const at = (row: "none" | "own" | "go", meanUs: number) => sample(row, { connections: 1, meanUs });
  expect(judge([at("none", 100), at("own", 150), at("go", 200)])).toMatchObject([{ ours: 50, theirs: 100, ratio: 0.5, met: true }]);
  expect(judge([at("none", 100), at("own", 200), at("go", 200)])).toMatchObject([{ met: false }]);
});

test("nothing is claimed about rows that were not measured", () => {
  expect(texts([sample("own", { serverUs: 5 }), sample("none")])).toEqual([]);
  expect(texts([sample("go", { serverUs: 5 }), sample("grpc-js", { serverUs: 5 })])).toEqual([]);
});

test("the ratio is of the medians, and the range that of single rounds", () => {
  const rounds = [
    { own: 5, go: 20 },
    { own: 4, go: 20 },
    { own: 9, go: 10 },
  ];
  const samples = rounds.flatMap(({ own, go }, round) => [sample("own", { serverUs: own, round }), sample("go", { serverUs: go, round })]);
  expect(judge(samples)).toMatchObject([{ ratio: 0.25, rounds: { lowest: 0.2, highest: 0.9 }, met: true }]);
});

test("a line says plainly whether a claim is met", () => {
  const line = (own: number) => judge([sample("own", { serverUs: own }), sample("go", { serverUs: 20 })]).map(claimLine)[0];
  expect(line(5)).toMatch(/^met .*5\.0 µs to 20\.0 µs = 0\.25 .*at most 1\/3/);
  expect(line(10)).toMatch(/^NOT met /);
});
