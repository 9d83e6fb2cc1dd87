import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Echo, type Got, type Heard, type Sent, send, startEcho } from "../support/echo.ts";
import { type Stage, startStage } from "../support/stage.ts";

const STICKY = ["t0", "t1", "t2", "t3"];
let echoes: readonly Echo[] = [];
let stage: Stage;
beforeAll(async () => {
  echoes = await Promise.all(["plain", "red", "blue", ...STICKY].map(startEcho));
  stage = await startStage({ targets: [], rules });
});
afterAll(async () => {
  await stage?.stop();
  await Promise.all(echoes.map((echo) => echo.close()));
});

const addressOf = (id: string): string => echoes.find((echo) => echo.id === id)?.address ?? "";

const rules = (): Record<string, unknown> => ({
  clusters: Object.fromEntries(["plain", "red", "blue"].map((id) => [id, [addressOf(id)]])),
  pools: {
    sticky: {
      targets: STICKY.map((id) => ({ id, address: addressOf(id) })),
      shard: { size: 4, zones: "plain", salt: "pepper", pick: "affinity:variable:thing" },
    },
  },
  discovery: { where: { table: { acme: "red", bolt: "blue", nowhere: "plain" }, by: "customer" } },
  virtual_hosts: [
    {
      hosts: ["*"],
      routes: [
        {
          name: "plain",
          match: { template: "/plain/{id}/{rest=**}" },
          target: { cluster: "plain" },
          request: {
            set: {
              "x-id": "{id}",
              "x-rest": "/{rest}",
              "x-said": "{host} {path} {route} {target} {{}}",
              "x-empty": "",
              "x-name": "gr\u00fcn",
            },
            add: { "x-line": ["one", "{id}"] },
            remove: ["x-secret"],
          },
          response: {
            set: { "X-Upstream": "{target}", "x-version": "{version}" },
            add: { "set-cookie": ["a=1", "b={id}"] },
            remove: ["X-Internal"],
          },
        },
        { name: "all-of-it", match: { prefix: "/copies" }, target: { cluster: "plain" }, request: { set: { "x-copy": "{path}" } } },
        { match: { template: "/things/{thing}/{rest=**}" }, target: { pool: "sticky" }, request: { set: { "x-sent": "{pool} {target}" } } },
        {
          name: "canary",
          match: { prefix: "/split" },
          target: {
            split: [
              { weight: 1, cluster: "red" },
              { weight: 1, cluster: "blue" },
              { weight: 0, cluster: "plain" },
            ],
          },
        },
        { match: { path_separated_prefix: "/choose" }, target: { header: "X-Where", allowed: ["red", "blue"] } },
        {
          match: { prefix: "/home" },
          region: { discovery: "where", allowed: ["red", "blue"], fallback: "blue" },
          target: { header: "region" },
          response: { set: { "processed-by": "Regional Router {region}" } },
        },
        { match: { prefix: "/set" }, request: { set: { "x-to": "red" } }, target: { header: "x-to" } },
        { match: { prefix: "/secure" }, target: { redirect: { scheme: "https" } } },
        {
          match: { template: "/old/{rest=**}" },
          target: { redirect: { host: "New.example.com", port: 8443, scheme: "https", path: "/new/{rest}", status: 308 } },
          response: { set: { "cache-control": "no-store" } },
        },
        {
          match: { prefix: "/hello" },
          target: { direct_response: { status: 200, body: '{"hi": "gr\u00fcn"}' } },
          response: { set: { "content-type": "application/json", "x-route": "{route}" }, add: { "set-cookie": ["a=1", "b=2"] } },
        },
        { match: { prefix: "/plainly" }, target: { direct_response: { status: 200, body: "hi" } } },
        { match: { prefix: "/teapot" }, target: { direct_response: { status: 418 } } },
        { match: { prefix: "/odd" }, target: { direct_response: { status: 299, body: "odd" } } },
        { match: { prefix: "/empty" }, target: { direct_response: { status: 204 } } },
      ],
    },
  ],
});

const ask = (path: string, more: Omit<Sent, "path"> = {}): Promise<Got> => send(stage.envoy.port, { path, ...more });
const heard = ({ body }: Got): Heard => JSON.parse(Buffer.from(body, "latin1").toString()) as Heard;
const as = (customer: string): Omit<Sent, "path"> => ({ headers: { "x-customer-id": customer } });
const at = (host: string): Omit<Sent, "path"> => ({ headers: { host } });
const servedBy = ({ headers }: Got): string | undefined => headers["x-upstream"]?.[0];

describe("a route's header changes reach", () => {
  const forged = { "x-secret": "s", "x-line": "zero", "x-id": "forged", host: "Some.Host:81" };

  test("the target, with variables, and whatever the client wrote there itself", async () => {
    const { headers } = heard(await ask("/plain/7/a/b?q=1", { headers: forged }));
    expect(headers).toMatchObject({
      "x-id": ["7"],
      "x-rest": ["/a/b"],
      "x-said": ["some.host /plain/7/a/b plain plain {}"],
      "x-empty": [""],
      "x-name": ["gr\u00c3\u00bcn"], // UTF-8
      "x-line": ["zero", "one", "7"],
    });
    expect(headers).not.toHaveProperty("x-secret");
  });

  test("the client, where a target's own headers are replaced, added to and removed", async () => {
    const { headers } = await ask("/plain/7/a");
    expect(headers).toMatchObject({ "x-upstream": ["plain"], "x-version": [stage.snapshot.version], "set-cookie": ["a=1", "b=7"] });
    expect(headers).not.toHaveProperty("x-internal");
  });

  test("no request that one of them would make too large for Envoy: it is refused, and a large one is not", async () => {
    const [large, tooLarge] = [15_000, 20_000].map((length) => `/copies/${"x".repeat(length)}`);
    expect(heard(await ask(large ?? "")).headers["x-copy"]).toEqual([large]);
    expect(await ask(tooLarge ?? "")).toMatchObject({ status: 400, body: "" });
  });
});

describe("a route sends", () => {
  test("a share of the customers to each part of its split, always the same ones, and nobody to a part without weight", async () => {
    const customers = Array.from({ length: 60 }, (_, index) => `customer-${index}`);
    const rounds: (string | undefined)[][] = [];
    for (let round = 0; round < 3; round++)
      rounds.push(await Promise.all(customers.map(async (name) => servedBy(await ask("/split", as(name))))));
    const [first = []] = rounds;
    for (const other of rounds) expect(other).toEqual(first);
    expect(new Set(first)).toEqual(new Set(["red", "blue"]));
  });

  test.each([
    ["red", ["red"], 200],
    ["blue", ["blue"], 200],
    ["another cluster of Envoy's", ["plain"], 400],
    ["riffle itself", ["riffle"], 400],
    ["two at a time", ["red", "blue"], 400],
  ])("a client where it asks to go, if that is allowed: %s", async (_, where, status) => {
    const got = await ask("/choose", { headers: { "x-where": where } });
    expect([got.status, servedBy(got)]).toEqual([status, status === 200 ? where[0] : undefined]);
  });

  test("nobody who does not ask where the client is to choose", async () => {
    expect(await ask("/choose")).toMatchObject({ status: 400 });
  });

  test.each([
    ["acme", "red"],
    ["bolt", "blue"],
    ["nowhere", "blue"],
    ["unheard-of", "blue"],
  ])("%s to its region, whatever region it claims to be of", async (customer, region) => {
    const got = await ask("/home", { headers: { "x-customer-id": customer, region: "plain" } });
    expect(heard(got)).toMatchObject({ id: region, headers: { region: [region] } });
    expect(got.headers["processed-by"]).toEqual([`Regional Router ${region}`]);
  });

  test("everybody to what it says in a header of its own", async () => {
    expect(servedBy(await ask("/set", { headers: { "x-to": "plain" } }))).toBe("red");
  });

  test("requests for one thing to one target, by a variable of its path, and other things elsewhere", async () => {
    const things = Array.from({ length: 24 }, (_, index) => `thing-${index}`);
    const served = new Set<string | undefined>();
    for (const thing of things) {
      const paths = [`/things/${thing}/a`, `/things/${thing}/b?c`, `/things/${thing}/`];
      const hits = await Promise.all(paths.map((path) => ask(path, as("acme"))));
      expect(new Set(hits.map(servedBy)).size).toBe(1);
      expect(heard(hits[0] as Got).headers["x-sent"]).toEqual([`sticky ${servedBy(hits[0] as Got)}`]);
      served.add(servedBy(hits[0] as Got));
    }
    expect([...served].toSorted()).toEqual(STICKY);
  });
});

describe("a route answers by itself", () => {
  test.each([
    ["the scheme", "/secure/a?b=c", "a.example.com", "https://a.example.com/secure/a?b=c"],
    ["and the port with it", "/secure", "a.example.com:8080", "https://a.example.com/secure"],
    ["and no header more for a line break", "/secure/%0d%0aset-cookie:a=1", "a", "https://a/secure/%0d%0aset-cookie:a=1"],
    ["all of it", "/old/a/b?c", "a", "https://new.example.com:8443/new/a/b?c"],
    ["all of it, whatever the path looks like", "/old//evil.com", "a", "https://new.example.com:8443/new/evil.com"],
  ])("with a redirect that changes %s", async (_, path, host, location) => {
    const got = await ask(path, at(host));
    expect(got).toMatchObject({ status: path.startsWith("/old") ? 308 : 301, headers: { location: [location] }, body: "" });
    expect(got.headers).not.toHaveProperty("set-cookie");
    expect(got.headers["cache-control"]).toEqual(path.startsWith("/old") ? ["no-store"] : undefined);
  });

  test.each(["good.com@evil.com", "evil.com?.example.com", "evil.com#", "a b"])("and to no host like %s", async (host) => {
    const got = await ask("/secure", at(host));
    expect(got.status).toBe(400);
    expect(got.headers).not.toHaveProperty("location");
  });

  test("with its own body and headers", async () => {
    expect(await ask("/hello")).toMatchObject({
      status: 200,
      headers: { "content-type": ["application/json"], "content-length": ["15"], "x-route": ["*#9"], "set-cookie": ["a=1", "b=2"] },
      body: '{"hi": "gr\u00c3\u00bcn"}',
    });
    expect(await ask("/plainly")).toMatchObject({ headers: { "content-type": ["text/plain"] }, body: "hi" });
  });

  test("with the same headers and no body to HEAD", async () => {
    expect(await ask("/hello", { method: "HEAD" })).toMatchObject({
      status: 200,
      headers: { "content-type": ["application/json"], "content-length": ["15"] },
      body: "",
    });
  });

  test.each([
    ["/teapot", 418, ""],
    ["/odd", 299, "odd"],
    ["/empty", 204, ""],
  ])("with any status: %s", async (path, status, body) => {
    expect(await ask(path)).toMatchObject({ status, body });
  });
});
