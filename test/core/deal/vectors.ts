import { readFileSync } from "node:fs";
import { toByteString } from "../../../src/core/bytes.ts";
import type { Key } from "../../../src/core/deal/key.ts";
import type { Size } from "../../../src/core/deal/size.ts";

/** The golden vectors of riffle-1, as far as pools without weights need them. Text is not yet bytes; keys and scores are uint32. */
export interface Vectors {
  readonly murmur3: readonly { readonly text: string; readonly seed: number; readonly hash: number }[];
  readonly lanes: readonly (Key & { readonly hex: string })[];
  readonly customers: readonly (Key & { readonly message: string; readonly salt: string; readonly reseed: number } & Customer)[];
  readonly targets: readonly (Key & { readonly id: string })[];
  readonly zones: readonly (Key & { readonly zone: string })[];
  readonly requests: readonly (Key & { readonly request: string })[];
  readonly scores: readonly { readonly a: Key; readonly b: Key; readonly score: number }[];
  readonly sizes: readonly { readonly k: VectorSize; readonly n: number; readonly size: number }[];
  readonly pools: Readonly<Record<string, readonly VectorTarget[]>>;
  readonly ranks: readonly (Dealing & { readonly rank: readonly { readonly id: string; readonly score: number }[] })[];
  readonly deals: readonly VectorDeal[];
  readonly picks: readonly (Dealing & Picking & { readonly members: readonly string[] })[];
}

interface Customer {
  readonly customer?: string;
  readonly customerHex?: string; // instead of text: the bytes
}

interface VectorTarget {
  readonly id: string;
  readonly zone?: string;
  readonly weight?: number;
}

type VectorSize = number | { readonly percent: number };

interface Dealing {
  readonly pool: string;
  readonly customer: string;
  readonly salt: string;
  readonly reseed: number;
}

interface Picking {
  readonly request: string;
  readonly pick: readonly string[];
}

interface VectorDeal extends Dealing, Picking {
  readonly k: VectorSize;
  readonly mode: "plain" | "min_zones" | "spread";
  readonly minZones: number;
  readonly deal: readonly string[];
}

export const vectors: Vectors = JSON.parse(readFileSync(new URL("../../vectors/sharding-vectors.json", import.meta.url), "utf8"));

/** The bytes that hexadecimal text stands for, as a byte string. */
export const fromHex = (hex: string): string => Buffer.from(hex, "hex").toString("latin1");

/** A vector's customer as a byte string. */
export const customerBytes = ({ customer = "", customerHex }: Customer): string =>
  customerHex === undefined ? toByteString(customer) : fromHex(customerHex);

/** A vector's size as the rules have it. */
export const toSize = (k: VectorSize): Size =>
  typeof k === "number" ? { kind: "count", count: k } : { kind: "percent", basisPoints: Math.round(k.percent * 100) };

/** The targets of a pool by name, those without a zone in zone "". */
export const poolOf = (name: string): readonly { readonly id: string; readonly zone: string }[] =>
  (vectors.pools[name] ?? []).map(({ id, zone = "" }) => ({ id, zone }));

/** Whether all targets of a pool weigh the same, so that it deals as one without weights. */
export const weighsEqual = (name: string): boolean => {
  const weights = new Set((vectors.pools[name] ?? []).map(({ weight = 100 }) => weight));
  return weights.size === 1 && !weights.has(0);
};
