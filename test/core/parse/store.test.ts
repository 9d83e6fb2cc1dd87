import { describe, expect, test } from "vitest";
import { parseRedis } from "../../../src/core/parse/store.ts";
import type { RedisRules } from "../../../src/core/rules.ts";
import { rulesOf } from "../../support/rules.ts";

const tcp = (host: string, port = 6379) => ({ kind: "tcp", host, port });
const plain: RedisRules = {
  address: { kind: "tcp", host: "a", port: 6379 },
  hasTls: false,
  user: undefined,
  password: undefined,
  database: 0,
};

describe("where Redis is", () => {
  test.each<[string, object]>([
    ["redis://127.0.0.1:6380", { address: tcp("127.0.0.1", 6380) }],
    ["redis://Cache.example.com", { address: tcp("cache.example.com") }],
    ["redis://a/", { address: tcp("a") }],
    ["redis://[::1]", { address: tcp("::1") }],
    ["redis://[::1]:6380/2", { address: tcp("::1", 6380), database: 2 }],
    ["rediss://a", { address: tcp("a"), hasTls: true }],
    ["redis://a/15", { address: tcp("a"), database: 15 }],
    ["redis://:hush@a", { address: tcp("a"), password: "hush" }],
    ["redis://me:hush@a", { address: tcp("a"), user: "me", password: "hush" }],
    ["rediss://me:h%40u%2Fs%C3%A9%25@a:1/3", { address: tcp("a", 1), hasTls: true, user: "me", password: "h@u/sé%", database: 3 }],
    ["unix:run/redis.sock", { address: { kind: "unix", path: "run/redis.sock" } }],
  ])("%s", (text, expected) => expect(parseRedis(text)).toEqual({ value: { ...plain, ...expected } }));
});

test("a socket's relative path starts at the file's folder", () => {
  expect(rulesOf({ store: { redis: "unix:redis.sock" } }).store?.redis.address).toEqual({ kind: "unix", path: "/etc/riffle/redis.sock" });
});

describe("a discovery in the store", () => {
  const store = { redis: "redis://a" };

  test("has its defaults, and knows where the store is", () => {
    expect(rulesOf({ store, discovery: { cells: { from: "store" } } }).discovery.get("cells")).toEqual({
      name: "cells",
      key: { kind: "host" },
      source: { kind: "store", redis: plain, ttlMs: 30_000, staleMs: 300_000, negativeTtlMs: 10_000, timeoutMs: 25, maxEntries: 100_000 },
    });
  });

  test("says how it is asked", () => {
    const cells = {
      by: "header:X-Tenant",
      from: "store",
      ttl: "5s",
      stale: "0s",
      negative_ttl: "1s",
      timeout: "10ms",
      max_entries: 7,
    };
    expect(rulesOf({ store, discovery: { cells } }).discovery.get("cells")).toMatchObject({
      key: { kind: "header", header: "x-tenant" },
      source: { ttlMs: 5_000, staleMs: 0, negativeTtlMs: 1_000, timeoutMs: 10, maxEntries: 7 },
    });
  });

  test("another password is another version of the rules", () => {
    const hashes = ["a", "b"].map((password) => rulesOf({ store: { redis: `redis://:${password}@a` } }).hash);
    expect(new Set(hashes)).toHaveLength(2);
  });
});
