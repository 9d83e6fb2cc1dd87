import { describe, expect, test } from "vitest";
import type { Decision } from "../../src/core/decide.ts";
import { createHeaders } from "../../src/core/exchange.ts";
import { Outage, type OutageCode } from "../../src/core/outage.ts";
import type { Output } from "../../src/core/output.ts";
import type { Route } from "../../src/core/route-rules.ts";
import { deny, isBug, rescue } from "../../src/serve/rescue.ts";
import { MalformedMessage } from "../../src/wire/malformed.ts";
import { route, snapshot } from "./side.ts";

const before: Output = { edits: [{ name: "x-mark", value: "1" }], metadata: [{ namespace: "riffle", key: "route", value: "r" }] };

const broken = (chosen?: Route): Decision => ({
  snapshot,
  exchange: { headers: createHeaders([]), known: chosen ? { route: chosen } : {}, atMs: 0, chance: 0 },
  answer: undefined,
  edits: before.edits ?? [],
  metadata: before.metadata ?? [],
  wants: {},
  broken: { policy: "shard", cause: new TypeError("bug") },
  steps: [],
});

describe("the verdict on a broken decision", () => {
  test("is deny before a route is chosen", () => {
    expect(rescue(broken()).answer).toEqual({ kind: "answer", status: 503, why: "bug" });
  });
  test("is deny on a route that says so", () => {
    expect(rescue(broken(route("deny"))).answer).toMatchObject({ status: 503 });
  });
  test("lets through what was decided so far on a route that allows", () => {
    expect(rescue(broken(route({})))).toMatchObject({ answer: undefined, edits: before.edits, metadata: before.metadata });
  });
  test("sends it to the default target where the route names one, whatever was set before", () => {
    const output: Output = {
      edits: [{ name: "x-target-cluster", value: "spare" }],
      metadata: [{ namespace: "riffle", key: "target", value: "spare" }],
    };
    expect(rescue(broken(route(output)))).toMatchObject({
      answer: undefined,
      edits: [...(before.edits ?? []), ...(output.edits ?? [])],
      metadata: [...(before.metadata ?? []), ...(output.metadata ?? [])],
    });
  });
});

describe("what broke", () => {
  test.each<{ cause: unknown; why: string; bug: boolean }>([
    ...(["late", "refused", "garbled"] as const).map((code: OutageCode) => ({
      cause: new Outage(code, "redis"),
      why: `outage ${code}`,
      bug: false,
    })),
    { cause: new MalformedMessage("ProcessingRequest", undefined), why: "malformed message", bug: false },
    { cause: new TypeError("secret"), why: "bug", bug: true },
    { cause: "a string", why: "bug", bug: true },
    { cause: undefined, why: "bug", bug: true },
    { cause: Object.create(null), why: "bug", bug: true },
  ])("$why, in lower case words and with no detail of ours", ({ cause, why, bug }) => {
    expect(deny(cause)).toEqual({ kind: "answer", status: 503, why });
    expect(isBug(cause)).toBe(bug);
  });
});
