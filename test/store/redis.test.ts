import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Outage } from "../../src/core/outage.ts";
import type { RedisRules } from "../../src/core/rules.ts";
import { FIRST_MS, MAX_IN_FLIGHT, MAX_LATE, openRedis, type RedisPort, WAIT_MS } from "../../src/store/redis.ts";
import { ScriptedClient } from "./redis/scripted.ts";

// What the port makes of a client; what the client makes of a server, test/store/redis/client.test.ts says.

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rules: RedisRules = {
  address: { kind: "tcp", host: "127.0.0.1", port: 1 },
  hasTls: false,
  user: undefined,
  password: undefined,
  database: 0,
};
const away = { name: "Outage", code: "away" };
const late = { name: "Outage", code: "late" };

let client: ScriptedClient;
let port: RedisPort;
const reports: boolean[] = [];

/** Opens the port; its client is connected. */
beforeEach(async () => {
  reports.length = 0;
  client = new ScriptedClient();
  port = openRedis(rules, {
    name: "test",
    draw: () => 0,
    report: ({ isAnswering }) => reports.push(isAnswering),
    connect: client.connect,
  });
  await vi.advanceTimersByTimeAsync(0);
  client.up();
});

/** A call, and what came of it as soon as it is known. */
function call(field = "f") {
  const told: { value?: unknown } = {};
  const settle = (value: unknown): void => {
    told.value = value;
  };
  port.hget("k", field).then((value) => settle(value?.toString() ?? "none"), settle);
  return told;
}

describe("a call", () => {
  test.each([
    ["value", "value"],
    [undefined, "none"],
  ])("is answered with %j", async (reply, expected) => {
    const told = call("field");
    await client.answer(reply);
    expect(told.value).toBe(expected);
    expect(client.asked).toEqual([["k", "field"]]);
  });

  test("is told what the server refused", async () => {
    const told = call();
    await client.answer(new Outage("refused", "the store answers WRONGTYPE"));
    expect(told.value).toMatchObject({ code: "refused" });
  });

  test("waits no longer than 25 ms", async () => {
    const told = call();
    await vi.advanceTimersByTimeAsync(WAIT_MS - 1);
    expect(told.value).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(told.value).toMatchObject(late);
    expect(WAIT_MS).toBe(25);
  });

  test("fails at once while there is no connection, and the client is not asked", async () => {
    client.down();
    const told = call();
    await vi.advanceTimersByTimeAsync(0);
    expect(told.value).toMatchObject(away);
    expect(client.asked).toEqual([]);
  });

  test("fails at once where too many are with the server, those that nobody waits for among them", async () => {
    for (let sent = 0; sent < MAX_IN_FLIGHT; sent++) {
      call();
      if (sent % 100 === 0) await client.answer(undefined).then(() => call()); // replies: the connection does not hang
    }
    await vi.advanceTimersByTimeAsync(0);
    const asked = client.asked.length;
    const told = call();
    await vi.advanceTimersByTimeAsync(0);
    expect(told.value).toMatchObject(away);
    expect(client.asked).toHaveLength(asked);
    await client.answer(undefined);
    call();
    expect(client.asked).toHaveLength(asked + 1);
  });
});

describe("a connection that hangs", () => {
  const pass = (): Promise<unknown> => vi.advanceTimersByTimeAsync(WAIT_MS);

  test("is given up once for calls in a row that are late", async () => {
    for (let sent = 0; sent < MAX_LATE * 3; sent++) call(); // one batch, all late at once
    await pass();
    expect(client.reconnects).toBe(1);
    const told = call();
    await vi.advanceTimersByTimeAsync(0);
    expect(told.value).toMatchObject(away);
    expect(reports).toEqual([false]);
  });

  test("does not hang where a late reply stands between", async () => {
    for (let round = 0; round < 10; round++) {
      for (let sent = 0; sent < MAX_LATE - 1; sent++) call();
      await pass();
      for (let sent = 0; sent < MAX_LATE - 1; sent++) await client.answer(undefined);
    }
    expect(client.reconnects).toBe(0);
    expect(reports).toEqual([false]); // that all are late is said all the same, once
  });

  test("takes calls again once it is back", async () => {
    for (let sent = 0; sent < MAX_LATE; sent++) call();
    await pass();
    for (let sent = 0; sent < MAX_LATE; sent++) await client.answer(new Outage("away", "the store is out of reach"));
    client.down();
    client.up();
    const told = call();
    await client.answer("value");
    expect(told.value).toBe("value");
  });
});

describe("readiness", () => {
  /** Whether a port whose client does this is ready after so long. */
  async function isReady(after: (client: ScriptedClient) => void, waitMs: number): Promise<boolean> {
    const fresh = new ScriptedClient();
    const { ready } = openRedis(rules, { name: "test", draw: () => 0, report: () => undefined, connect: fresh.connect });
    let isDone = false;
    void ready.then(() => {
      isDone = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    after(fresh);
    await vi.advanceTimersByTimeAsync(waitMs);
    return isDone;
  }

  test("waits for the first connection, and for its failure no longer than that takes", async () => {
    expect(await isReady(() => undefined, FIRST_MS - 1)).toBe(false);
    expect(await isReady((fresh) => fresh.up(), 0)).toBe(true);
    expect(await isReady((fresh) => fresh.down(), 0)).toBe(true);
    expect(await isReady(() => undefined, FIRST_MS)).toBe(true);
  });
});

test("close lets calls under way finish, and takes no more", async () => {
  const told = call();
  const closed = port.close();
  await vi.advanceTimersByTimeAsync(0);
  const refused = call();
  await vi.advanceTimersByTimeAsync(0);
  expect(refused.value).toMatchObject(away);
  expect(client.closes).toBe(0);
  await client.answer("value");
  await closed;
  expect(told.value).toBe("value");
  expect(client.closes).toBe(1);
});
