import { expect, test } from "vitest";
import { median, summarize } from "../../bench/summary.ts";
import { sample } from "./samples.ts";

test("figures are medians over the rounds; requests and failures are added up, and the highest peak counts", () => {
  const rounds = [3, 1, 2].map((of, round) =>
    sample("own", { round, serverUs: of, meanUs: of * 10, failures: of, requests: of * 100, serverPeakBytes: of }),
  );
  expect(summarize(rounds)).toMatchObject([{ cpuUs: { server: 2 }, meanUs: 20, failures: 6, requests: 600, serverPeakBytes: 3 }]);
});

test("rows and numbers of connections are kept apart", () => {
  const samples = [sample("own", { connections: 1 }), sample("own"), sample("none")];
  expect(summarize(samples).map(({ row, connections }) => `${row} ${connections}`)).toEqual(["own 1", "own 32", "none 32"]);
});

test("a row without a server has no server's figures", () => {
  expect(summarize([sample("none")])[0]).toMatchObject({
    cpuUs: { server: undefined },
    serverBytes: undefined,
    serverPeakBytes: undefined,
  });
});

test.each([
  { numbers: [5], middle: 5 },
  { numbers: [9, 1, 4], middle: 4 },
  { numbers: [10, 2], middle: 6 },
  { numbers: [], middle: undefined },
])("the median of $numbers is $middle", ({ numbers, middle }) => {
  expect(median(numbers)).toBe(middle);
});
