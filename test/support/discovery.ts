import type { DiscoveryRules, DiscoveryService, DiscoveryStore, RegionRules } from "../../src/core/route-rules.ts";

/** A discovery service as the rules have it, with what a test changes. Nothing listens at its URL. */
export const serviceOf = (change: Partial<DiscoveryService> = {}): DiscoveryService => ({
  kind: "service",
  url: { before: "http://127.0.0.1:1/lookup?host=", after: "" },
  field: ["region"],
  ttlMs: 30_000,
  staleMs: 300_000,
  negativeTtlMs: 10_000,
  timeoutMs: 200,
  maxEntries: 10_000,
  ...change,
});

/** A table in the store, likewise. */
export const storeOf = (change: Partial<DiscoveryStore> = {}): DiscoveryStore => ({
  kind: "store",
  redis: { address: { kind: "tcp", host: "127.0.0.1", port: 1 }, hasTls: false, user: undefined, password: undefined, database: 0 },
  ttlMs: 30_000,
  staleMs: 300_000,
  negativeTtlMs: 10_000,
  timeoutMs: 25,
  maxEntries: 10_000,
  ...change,
});

/** A discovery by host, with what a test changes. */
export const discoveryOf = (change: Partial<DiscoveryRules> = {}): DiscoveryRules => ({
  name: "main",
  key: { kind: "host" },
  source: serviceOf(),
  ...change,
});

/** A route's region: one of two, and a fallback; with what a test changes. */
export const regionOf = (change: Partial<RegionRules> = {}): RegionRules => ({
  discovery: discoveryOf(),
  header: "region",
  allowed: ["us-east", "eu-west"],
  fallback: "us-east",
  ...change,
});
