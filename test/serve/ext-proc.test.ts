import { describe, expect, test } from "vitest";
import type { Oracle, Policy } from "../../src/core/decide.ts";
import type { Exchange, Known, Picked } from "../../src/core/exchange.ts";
import { blind, type Observer } from "../../src/core/observer.ts";
import { Outage } from "../../src/core/outage.ts";
import type { Pool } from "../../src/core/pool.ts";
import { adjust, answer, ask, type Facts, pass, type Verdict } from "../../src/core/verdict.ts";
import { Code } from "../../src/grpc/types.ts";
import { MAX_WAITING, type Scene } from "../../src/serve/ext-proc.ts";
import { quietLive } from "../../src/store/live.ts";
import * as messages from "../wire/messages.ts";
import { openSide, routed, scene, snapshot } from "./side.ts";

const { hex, request, requestHeaders, responseHeaders, requestBody, unhex } = messages;

const somePool = { name: "p" } as Pool;
const mark: Policy = function mark() {
  return adjust({ edits: [{ name: "x-mark", value: "1" }] });
};
const askLive: Policy = function askLive() {
  return ask("live", { pool: somePool }, () => adjust({ edits: [{ name: "x-target-cluster", value: "backend_0" }] }));
};
const up = quietLive();
const OBSERVED = request({ request: { case: "requestHeaders", value: {} }, observabilityMode: true });
const UNKNOWN = new Uint8Array();

/** An oracle that answers when told to. */
function lateOracle() {
  const asked: PromiseWithResolvers<Facts["live"]>[] = [];
  const oracle = () => {
    const fact = Promise.withResolvers<Facts["live"]>();
    asked.push(fact);
    return fact.promise;
  };
  const settled = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return {
    oracle: oracle as Oracle,
    resolve: async (nth = 0) => {
      asked[nth]?.resolve(up);
      await settled();
    },
    reject: async (cause: unknown) => {
      asked[0]?.reject(cause);
      await settled();
    },
  };
}

describe("every message gets the one reply of its phase", () => {
  test.each([
    { name: "request headers", message: requestHeaders(), bytes: "0a00" },
    { name: "response headers", message: responseHeaders(), bytes: "1200" },
    { name: "request body", message: requestBody, bytes: "1a00" },
    { name: "response body", message: messages.responseBody, bytes: "2200" },
    { name: "request trailers", message: messages.requestTrailers, bytes: "2a00" },
    { name: "response trailers", message: messages.responseTrailers, bytes: "3200" },
  ])("$name, first on the stream or not", ({ message, bytes }) => {
    const { stream } = openSide(scene());
    stream.message(message);
    stream.message(message);
    expect(stream.heard.sent.map(hex)).toEqual([bytes, bytes]);
    expect(stream.heard.status).toBeUndefined();
  });

  test("a whole exchange is answered phase by phase", () => {
    const { stream, phases } = openSide(scene(mark));
    for (const message of [requestHeaders(), requestBody, messages.requestTrailers, responseHeaders(), messages.responseBody])
      stream.message(message);
    expect(phases()).toEqual(["requestHeaders", "requestBody", "requestTrailers", "responseHeaders", "responseBody"]);
  });

  test.each([
    { name: "a window update", message: messages.windowUpdate },
    { name: "the start of flow control", message: messages.flowControlInit },
    { name: "a message in observability mode", message: OBSERVED },
    { name: "one of no known phase in observability mode", message: request({ observabilityMode: true }) },
  ])("$name gets none", ({ message }) => {
    const { stream } = openSide(scene(mark));
    stream.message(message);
    expect(stream.heard).toEqual({ sent: [], status: undefined });
  });

  test("in observability mode nothing is decided, so nothing is charged", () => {
    let decisions = 0;
    const count: Policy = () => {
      decisions++;
      return pass;
    };
    const { stream } = openSide(scene(count));
    stream.message(OBSERVED);
    expect(decisions).toBe(0);
  });
});

describe("the decision is what Envoy is told", () => {
  test("edits", () => {
    const { stream, replies } = openSide(scene(mark));
    stream.message(requestHeaders());
    expect(replies()).toMatchObject([{ phase: "requestHeaders", set: ["x-mark: 1"], clearsRouteCache: true }]);
  });
  test("an answer, after which no policy is asked", () => {
    const { stream, replies } = openSide(scene(() => answer(429, "over the limit"), mark));
    stream.message(requestHeaders());
    expect(replies()).toMatchObject([{ phase: "immediateResponse", status: 429, details: "riffle_over_the_limit" }]);
  });
  test("policies see the headers, and a time and a chance drawn once for the exchange", () => {
    const seen: Exchange[] = [];
    let time = 1_000;
    const look: Policy = (exchange) => {
      seen.push(exchange);
      return pass;
    };
    const { stream } = openSide({ scene: () => scene(look, look), now: () => time++, draw: () => 7 });
    stream.message(requestHeaders([["x-customer-id", "caf\xe9"]]));
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBe(seen[0]);
    expect(seen[0]).toMatchObject({ known: {}, atMs: 1_000, chance: 7 });
    expect(seen[0]?.headers.get("x-customer-id")).toBe("caf\xe9");
  });
  test("an exchange is decided in the scene of its moment, and gets its snapshot", () => {
    const versions: string[] = [];
    const look: Policy = (_, { version }) => {
      versions.push(version);
      return pass;
    };
    let current = scene(look);
    for (const version of ["one", "two"]) {
      current = { ...current, snapshot: { ...snapshot, version } as typeof snapshot };
      openSide({ scene: () => current }).stream.message(requestHeaders());
    }
    expect(versions).toEqual(["one", "two"]);
  });
});

describe("a fact", () => {
  test("at hand is answered for in the same turn", () => {
    const { stream, replies } = openSide({ ...scene(askLive), oracle: (() => up) as Oracle });
    stream.message(requestHeaders());
    expect(replies()).toMatchObject([{ set: ["x-target-cluster: backend_0"] }]);
  });
  test("that is late holds back what comes after, and then all replies leave in order", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, phases } = openSide({ ...scene(askLive), oracle });
    for (const message of [requestHeaders(), requestBody, responseHeaders()]) stream.message(message);
    expect(phases()).toEqual([]);
    await resolve();
    expect(phases()).toEqual(["requestHeaders", "requestBody", "responseHeaders"]);
    stream.message(messages.responseBody);
    expect(phases()).toHaveLength(4);
  });
  test("that is late twice on one stream holds back twice", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, phases, status } = openSide({ ...scene(askLive), oracle });
    for (const message of [requestHeaders(), requestBody, requestHeaders(), requestBody]) stream.message(message);
    stream.end();
    await resolve(0);
    expect(phases()).toEqual(["requestHeaders", "requestBody"]);
    expect(status()).toBeUndefined();
    await resolve(1);
    expect(phases()).toEqual(["requestHeaders", "requestBody", "requestHeaders", "requestBody"]);
    expect(status()).toMatchObject({ code: Code.ok });
  });
  test("that never comes lets only so many messages wait", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, status } = openSide({ ...scene(askLive), oracle });
    stream.message(requestHeaders());
    for (let i = 0; i < MAX_WAITING; i++) stream.message(requestBody);
    expect(status()).toBeUndefined();
    stream.message(requestBody);
    expect(status()).toMatchObject({ code: Code.resourceExhausted });
    await resolve(); // and nothing is sent after the end
    expect(stream.heard.sent).toEqual([]);
  });
});

describe("the end of a stream", () => {
  test("by the client is answered at once when nothing is owed", () => {
    const { stream, phases, status } = openSide(scene());
    stream.message(requestHeaders());
    stream.end();
    expect(phases()).toEqual(["requestHeaders"]);
    expect(status()).toMatchObject({ code: Code.ok });
  });
  test("by the client waits for what is owed, then comes at once", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, phases, status } = openSide({ ...scene(askLive), oracle });
    stream.message(requestHeaders());
    stream.message(requestBody);
    stream.end();
    expect(status()).toBeUndefined();
    await resolve();
    expect(phases()).toEqual(["requestHeaders", "requestBody"]);
    expect(status()).toMatchObject({ code: Code.ok });
  });
  test("comes on a stream that never had a message", () => {
    const { stream, status } = openSide(scene());
    stream.end();
    expect(status()).toMatchObject({ code: Code.ok });
  });
  test("by a cancel in the middle of a decision: nothing is sent any more, and nothing is a bug", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, reported } = openSide({ ...scene(askLive), oracle });
    stream.message(requestHeaders());
    stream.message(requestBody);
    stream.cancel();
    await resolve();
    expect(stream.heard).toEqual({ sent: [], status: undefined });
    expect(reported).toEqual([]);
  });
});

describe("a message of no phase that we know", () => {
  test.each([
    { name: "first", before: [] },
    { name: "after a phase without a request", before: [responseHeaders()] },
  ])("$name, ends the stream with UNIMPLEMENTED: Envoy refuses, or does as configured", ({ before }) => {
    const { stream, status } = openSide(scene());
    for (const message of [...before, UNKNOWN]) stream.message(message);
    expect(stream.heard.sent).toHaveLength(before.length);
    expect(status()).toMatchObject({ code: Code.unimplemented });
  });
  test("after the decision, ends it with OK: Envoy goes on", () => {
    const { stream, phases, status } = openSide(scene());
    for (const message of [requestHeaders(), UNKNOWN, requestBody]) stream.message(message);
    expect(phases()).toEqual(["requestHeaders"]);
    expect(status()).toMatchObject({ code: Code.ok });
  });
  test("during the decision, ends it with OK after the reply", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, phases, status } = openSide({ ...scene(askLive), oracle });
    for (const message of [requestHeaders(), UNKNOWN, requestBody]) stream.message(message);
    expect(status()).toBeUndefined();
    await resolve();
    expect(phases()).toEqual(["requestHeaders"]);
    expect(status()).toMatchObject({ code: Code.ok });
  });
});

describe("when something breaks", () => {
  const bug = new TypeError("a policy broke");
  const throwing: Verdict[] = [];
  const broken: readonly { name: string; policy: Policy; oracle?: Oracle }[] = [
    { name: "a policy throws", policy: () => fail(bug) },
    { name: "a bare fact breaks its policy", policy: () => ask("live", { pool: somePool }, () => fail(bug)), oracle: (() => up) as Oracle },
    {
      name: "a late fact breaks its policy",
      policy: () => ask("live", { pool: somePool }, () => fail(bug)),
      oracle: (() => Promise.resolve(up)) as Oracle,
    },
    { name: "the oracle throws", policy: askLive, oracle: () => fail(bug) },
    { name: "the oracle rejects", policy: askLive, oracle: () => Promise.reject(bug) },
    { name: "a policy returns nothing", policy: () => throwing[0] as Verdict },
    { name: "a decision cannot be encoded", policy: () => adjust({ edits: [{ name: "x", value: "a\nb" }] }) },
  ];

  test.each(broken)("$name: the client gets 503, a bug is reported once, and the stream lives on", async ({ policy, oracle }) => {
    const { stream, replies, reported } = openSide({ ...scene(mark, policy), ...(oracle && { oracle }) });
    stream.message(requestHeaders());
    stream.message(requestBody);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(replies()).toMatchObject([{ phase: "immediateResponse", status: 503, details: "riffle_bug" }, { phase: "requestBody" }]);
    expect(reported).toHaveLength(1);
    expect(reported[0]).toBeInstanceOf(TypeError);
  });
  test.each(broken.slice(0, -1))(
    "$name, on a route that allows: the request goes on with what was decided before",
    async ({ policy, oracle }) => {
      const { stream, replies, reported } = openSide({ ...scene(mark, routed({}), policy), ...(oracle && { oracle }) });
      stream.message(requestHeaders());
      for (let i = 0; i < 10; i++) await Promise.resolve();
      expect(replies()).toMatchObject([{ phase: "requestHeaders", set: ["x-mark: 1"] }]);
      expect(reported).toHaveLength(1);
    },
  );
  test("an outage is no bug, and says in the details which kind it is", async () => {
    const { oracle, reject } = lateOracle();
    const { stream, replies, reported } = openSide({ ...scene(askLive), oracle });
    stream.message(requestHeaders());
    await reject(new Outage("late", "no answer in time"));
    expect(replies()).toMatchObject([{ status: 503, details: "riffle_outage_late" }]);
    expect(reported).toEqual([]);
  });
  test.each(["12", "12ff", "1205", "ffff"])("the bytes %s are denied with 503: no bug of ours, and not the end", (digits) => {
    const { stream, replies, reported } = openSide(scene());
    stream.message(unhex(digits));
    stream.message(requestHeaders());
    expect(replies()).toMatchObject([{ status: 503, details: "riffle_malformed_message" }, { phase: "requestHeaders" }]);
    expect(reported).toEqual([]);
  });
  test.each([
    { name: "scene", options: { scene: () => fail(bug) } },
    { name: "clock", options: { now: () => fail(bug) } },
    { name: "chance", options: { draw: () => fail(bug) } },
  ])("without a $name the client gets 503 all the same", ({ options }) => {
    const { stream, replies, reported } = openSide(options);
    stream.message(requestHeaders());
    expect(replies()).toMatchObject([{ status: 503 }]);
    expect(reported).toEqual([bug]);
  });
});

describe("an exchange whose response is looked at", () => {
  const picked: Picked = { pool: somePool, order: [], isSpilled: false };
  const choose = (known: Known = { picked }): Policy =>
    function choose() {
      return adjust({ known, wants: { responseHeaders: true } });
    };
  const ok: messages.Lines = [
    [":status", "200"],
    ["x-envoy-upstream-service-time", "3"],
  ];

  /** A side on which each call of the observer is written down; how many were begun and not ended must come to none. */
  function observed(given: Scene = scene(choose())) {
    const calls: unknown[] = [];
    const observer: Observer = {
      decided: () => undefined,
      begin: () => calls.push("begin"),
      end: () => calls.push("end"),
      respond: (to, outcome, atMs) => calls.push({ ...outcome, atMs, same: to.picked === picked }),
    };
    return { ...openSide({ scene: () => given, observer, now: () => 77 }), calls };
  }

  test("is begun with its decision, and over when the response begins, which goes on unchanged", () => {
    const { stream, calls, phases } = observed();
    stream.message(requestHeaders());
    expect(calls).toEqual(["begin"]);
    stream.message(responseHeaders(ok));
    expect(calls).toEqual(["begin", "end", { status: 200, isLocalReply: false, attempts: 1, tookMs: 0, atMs: 77, same: true }]);
    stream.cancel();
    expect(calls).toHaveLength(3);
    expect(phases()).toEqual(["requestHeaders", "responseHeaders"]);
  });
  test.each<[string, messages.Lines, number | undefined, object]>([
    [
      "the target's own 503",
      [
        [":status", "503"],
        ["x-envoy-upstream-service-time", "3"],
      ],
      undefined,
      { status: 503, isLocalReply: false, attempts: 1 },
    ],
    ["Envoy's 503 in its place", [[":status", "503"]], undefined, { status: 503, isLocalReply: true, attempts: 1 }],
    ["one after retries", ok, 3, { status: 200, isLocalReply: false, attempts: 3 }],
    ["one after a number of attempts that is none", ok, 0.5, { status: 200, isLocalReply: false, attempts: 1 }],
  ])("%s is told as what it is", (_, lines, attempts, expected) => {
    const { stream, calls } = observed();
    stream.message(requestHeaders());
    stream.message(responseHeaders(lines, attempts === undefined ? {} : { "upstream.request_attempt_count": attempts }));
    expect(calls.at(-1)).toMatchObject(expected);
  });
  test.each<[string, (stream: ReturnType<typeof observed>["stream"]) => void]>([
    ["the client cancels", (stream) => stream.cancel()],
    ["the client ends", (stream) => stream.end()],
    ["the client ends and cancels", (stream) => [stream.end(), stream.cancel()]],
    ["a message of no known phase ends the stream", (stream) => stream.message(UNKNOWN)],
    ["the response has no status", (stream) => [stream.message(responseHeaders()), stream.cancel()]],
    ["the response has a status that is none", (stream) => [stream.message(responseHeaders([[":status", "2xx"]])), stream.cancel()]],
  ])("ends exactly once and without a response when %s", (_, finish) => {
    const { stream, calls } = observed();
    stream.message(requestHeaders());
    finish(stream);
    expect(calls).toEqual(["begin", "end"]);
  });
  test("ends once where its response's attributes are no attributes, which is refused", () => {
    const { stream, calls, replies, reported } = observed();
    stream.message(requestHeaders());
    stream.message(Buffer.concat([responseHeaders(ok), unhex("4a0212ff")]));
    stream.cancel();
    expect(calls).toEqual(["begin", "end"]);
    expect(replies()[1]).toMatchObject({ status: 503, details: "riffle_malformed_message" });
    expect(reported).toEqual([]);
  });
  test("with two responses ends once", () => {
    const { stream, calls } = observed();
    for (const message of [requestHeaders(), responseHeaders(ok), responseHeaders(ok)]) stream.message(message);
    expect(calls).toHaveLength(3);
  });
  test("ends when another one begins on its stream", () => {
    const { stream, calls } = observed();
    for (const message of [requestHeaders(), requestHeaders()]) stream.message(message);
    stream.cancel();
    expect(calls).toEqual(["begin", "end", "begin", "end"]);
  });
  test("begins with a late decision, and never when the client is gone by then", async () => {
    const picking: Policy = () => ask("live", { pool: somePool }, () => adjust({ known: { picked }, wants: { responseHeaders: true } }));
    for (const isGone of [false, true]) {
      const { oracle, resolve } = lateOracle();
      const { stream, calls } = observed({ ...scene(picking), oracle });
      stream.message(requestHeaders());
      if (isGone) stream.cancel();
      await resolve();
      expect(calls).toEqual(isGone ? [] : ["begin"]);
    }
  });
  test.each<[string, Scene]>([
    ["whose response nobody wants", scene(() => adjust({ known: { picked } }))],
    ["that is refused", scene(choose(), () => answer(403, "no"))],
    ["that breaks, on a route that allows", scene(choose(), routed({}), () => fail(new TypeError("bug")))],
    ["that cannot be encoded", scene(choose(), () => adjust({ edits: [{ name: "x", value: "a\nb" }] }))],
  ])("one %s is neither begun nor ended", (_, given) => {
    const { stream, calls } = observed(given);
    stream.message(requestHeaders());
    stream.message(responseHeaders(ok));
    stream.end();
    expect(calls).toEqual([]);
  });
  test("hears how long its response took, from our reply on, in fractions of a millisecond", async () => {
    const { oracle, resolve } = lateOracle();
    const outcomes: unknown[] = [];
    const observer: Observer = { ...blind, respond: (_, outcome, atMs) => outcomes.push({ ...outcome, atMs }) };
    const picking: Policy = () => ask("live", { pool: somePool }, () => adjust({ wants: { responseHeaders: true } }));
    let elapsedMs = 100;
    const options = { scene: () => ({ ...scene(picking), oracle }), observer, now: () => 77, elapsed: () => elapsedMs };
    const { stream } = openSide(options);
    stream.message(requestHeaders());
    elapsedMs = 140; // the decision was late; that is not the target's time
    await resolve();
    elapsedMs = 152.25;
    stream.message(responseHeaders(ok));
    expect(outcomes).toEqual([{ status: 200, isLocalReply: false, attempts: 1, tookMs: 12.25, atMs: 77 }]);
  });
  test("a stream that begins with the response had no request, and nothing is counted", () => {
    const { stream, calls, phases } = observed();
    stream.message(responseHeaders([[":status", "400"]]));
    stream.cancel();
    expect(calls).toEqual([]);
    expect(phases()).toEqual(["responseHeaders"]);
  });
});

describe("the response of an exchange that wants it looked at", () => {
  const wanting: Policy = function wanting() {
    return adjust({ known: { customer: "acme" }, wants: { responseHeaders: true } });
  };
  const stamping: Policy = function stamping({ known }) {
    return adjust({
      edits: [
        { name: "x-customer", value: known.customer },
        { name: "x-internal", value: undefined },
      ],
    });
  };
  const asking: Policy = function asking() {
    return ask("live", { pool: somePool }, () => adjust({ edits: [{ name: "x-late", value: "1" }] }));
  };
  const bug = new TypeError("a policy broke");
  const answering = (...responsePolicies: readonly Policy[]): Scene => ({ ...scene(wanting), responsePolicies });

  test("is changed in the reply to its headers, by what the request's decision found out", () => {
    const { stream, replies } = openSide(answering(stamping, mark));
    stream.message(requestHeaders());
    stream.message(responseHeaders([[":status", "200"]]));
    expect(replies()[1]).toMatchObject({
      phase: "responseHeaders",
      set: ["x-customer: acme", "x-mark: 1"],
      removed: ["x-internal"],
      clearsRouteCache: false,
    });
  });
  test("is changed as the scene said when its request was decided", () => {
    let current = answering(stamping);
    const { stream, replies } = openSide({ scene: () => current });
    stream.message(requestHeaders());
    current = answering(mark);
    stream.message(responseHeaders());
    expect(replies()[1]).toMatchObject({ set: ["x-customer: acme"] });
  });
  test("is changed once: what comes after it is none of ours", () => {
    const { stream, replies } = openSide(answering(mark));
    for (const message of [requestHeaders(), responseHeaders(), responseHeaders()]) stream.message(message);
    expect(replies().map(({ set }) => set)).toEqual([[], ["x-mark: 1"], []]);
  });
  test("goes on as it is where nobody wanted it, or its request was refused", () => {
    for (const policies of [[mark], [wanting, () => answer(403, "no")]]) {
      const { stream, replies } = openSide({ ...scene(...policies), responsePolicies: [stamping] });
      stream.message(requestHeaders());
      stream.message(responseHeaders());
      expect(replies()[1]).toMatchObject({ phase: "responseHeaders", set: [], removed: [] });
    }
  });
  test.each<[string, Policy, Oracle]>([
    ["throws", () => fail(bug), () => fail(bug)],
    ["cannot be encoded", () => adjust({ edits: [{ name: "x-a", value: "a\nb" }] }), () => fail(bug)],
    ["asks, and the oracle throws", asking, () => fail(bug)],
    ["asks, and the oracle rejects", asking, () => Promise.reject(bug)],
    ["breaks on its fact", () => ask("live", { pool: somePool }, () => fail(bug)), (() => Promise.resolve(up)) as Oracle],
  ])("goes on as it is where a policy %s, which is reported once", async (_, policy, oracle) => {
    const { stream, replies, reported } = openSide({ ...answering(mark, policy), oracle });
    for (const message of [requestHeaders(), responseHeaders(), messages.responseBody]) stream.message(message);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(replies().slice(1)).toMatchObject([{ phase: "responseHeaders", set: [] }, { phase: "responseBody" }]);
    expect(reported).toEqual([expect.any(TypeError)]);
  });
  test("goes on as it is in an outage, which is no bug", async () => {
    const { oracle, reject } = lateOracle();
    const { stream, replies, reported } = openSide({ ...answering(asking), oracle });
    for (const message of [requestHeaders(), responseHeaders()]) stream.message(message);
    await reject(new Outage("late", "no answer in time"));
    expect(replies()[1]).toMatchObject({ phase: "responseHeaders", set: [] });
    expect(reported).toEqual([]);
  });
  test("waits for a late policy, and so does all that comes after it", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, phases, replies, status } = openSide({ ...answering(asking), oracle });
    for (const message of [requestHeaders(), responseHeaders(), messages.responseBody, messages.responseTrailers]) stream.message(message);
    stream.end();
    expect(phases()).toEqual(["requestHeaders"]);
    expect(status()).toBeUndefined();
    await resolve();
    expect(phases()).toEqual(["requestHeaders", "responseHeaders", "responseBody", "responseTrailers"]);
    expect(replies()[1]).toMatchObject({ set: ["x-late: 1"] });
    expect(status()).toMatchObject({ code: Code.ok });
  });
  test("is told to nobody once the client is gone", async () => {
    const { oracle, resolve } = lateOracle();
    const { stream, phases, reported } = openSide({ ...answering(asking), oracle });
    for (const message of [requestHeaders(), responseHeaders()]) stream.message(message);
    stream.cancel();
    await resolve();
    expect(phases()).toEqual(["requestHeaders"]);
    expect(reported).toEqual([]);
  });
});

describe("the client's address", () => {
  test.each<[string, Record<string, string | number>, string | undefined]>([
    ["of IPv4", { "source.address": "192.0.2.1:1234" }, "192.0.2.1"],
    ["of IPv6", { "source.address": "[2001:db8::1]:1234" }, "2001:db8::1"],
    ["that is a path", { "source.address": "/run/client.sock" }, undefined],
    ["without a port", { "source.address": "192.0.2.1" }, undefined],
    ["that is empty", { "source.address": "" }, undefined],
    ["that is a number", { "source.address": 1 }, undefined],
    ["that Envoy does not say", {}, undefined],
  ])("%s", (_, attributes, expected) => {
    const seen: Exchange[] = [];
    const look: Policy = (exchange) => {
      seen.push(exchange);
      return pass;
    };
    const { stream } = openSide(scene(look));
    stream.message(requestHeaders([], attributes));
    expect(seen.map(({ sourceIp }) => sourceIp)).toEqual([expected]);
  });
});

function fail(cause: unknown): never {
  throw cause;
}
