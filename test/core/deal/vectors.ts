import { readFileSync } from "node:fs";
import { toByteString } from "../../../src/core/bytes.ts";
import type { Dealable } from "../../../src/core/deal/deal.ts";
import type { Key } from "../../../src/core/deal/key.ts";
import type { Size } from "../../../src/core/deal/size.ts";

/** The golden vectors of riffle-1. Text is not yet bytes; keys and scores are uint32, costs integers, values doubles. */
export interface Vectors {
  readonly murmur3: readonly { readonly text: string; readonly seed: number; readonly hash: number }[];
  readonly lanes: readonly (Key & { readonly hex: string })[];
  readonly customers: readonly (Key & { readonly message: string; readonly salt: string; readonly reseed: number } & Customer)[];
  readonly targets: readonly (Key & { readonly id: string })[];
  readonly zones: readonly (Key & { readonly zone: string })[];
  readonly requests: readonly (Key & { readonly request: string })[];
  readonly scores: readonly { readonly a: Key; readonly b: Key; readonly score: number }[];
  readonly costs: readonly { readonly score: number; readonly cost: number }[];
  readonly table: { readonly sum: number; readonly murmur3LeSeed0: number; readonly values: readonly number[] };
  readonly sizes: readonly { readonly k: VectorSize; readonly n: number; readonly size: number }[];
  readonly pools: Readonly<Record<string, readonly VectorTarget[]>>;
  readonly ranks: readonly (Dealing & { readonly rank: readonly VectorRank[] })[];
  readonly zoneOrders: readonly VectorZoneOrder[];
  readonly deals: readonly VectorDeal[];
  readonly picks: readonly (Dealing & Picking & { readonly members: readonly string[] })[];
}

interface Customer {
  readonly customer?: string;
  readonly customerHex?: string; // instead of text: the bytes
}

interface VectorRank {
  readonly id: string;
  readonly score: number;
  readonly weight: number;
  readonly value: number;
}

interface VectorZoneOrder extends Omit<Dealing, "pool"> {
  readonly zones: readonly string[];
  readonly order: readonly { readonly zone: string; readonly score: number }[];
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
  readonly pickWeighted: readonly string[];
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
export const poolOf = (name: string): readonly Dealable[] =>
  (vectors.pools[name] ?? []).map(({ zone = "", ...target }) => ({ ...target, zone: toByteString(zone) }));
