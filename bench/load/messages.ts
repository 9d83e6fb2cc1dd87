/** What the load generator is told; it reports on each before the next. */
export type LoadOrder =
  | { readonly kind: "open"; readonly port: number; readonly connections: number } // Envoy's port on loopback
  | { readonly kind: "run"; readonly seconds: number }
  | { readonly kind: "close" };

/** What the clients saw in one run. */
export interface LoadResult {
  readonly requests: number; // sent, and answered or failed
  readonly failures: number; // answered with another status than 200, or not at all
  readonly seconds: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
}

/** `result` answers a run alone. */
export interface LoadReport {
  readonly result?: LoadResult;
}

/** What the backends are told, and what they report: a port on loopback for each of the targets. */
export interface BackendOrder {
  readonly targets: readonly string[];
}
export interface BackendReport {
  readonly ports: readonly number[]; // in the order of the targets
}
