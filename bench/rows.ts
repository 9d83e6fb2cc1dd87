/** What is compared, a row each, in the order of the table. */
export const ROWS = [
  { id: "none", title: "no filter", deciding: "nobody", server: undefined },
  { id: "lua", title: "Lua deciding", deciding: "lua", server: undefined },
  { id: "own", title: "riffle (own)", deciding: "ext_proc", server: { kind: "riffle", transport: "own" } },
  { id: "grpc-js", title: "riffle (grpc-js)", deciding: "ext_proc", server: { kind: "riffle", transport: "grpc-js" } },
  { id: "go", title: "grpc-go", deciding: "ext_proc", server: { kind: "go" } },
] as const satisfies readonly RowShape[];

/** A row's short name, as `--rows` takes it. */
export type RowId = (typeof ROWS)[number]["id"];

/** Who chooses the target inside or beside Envoy; nobody: one route to all of them in turn. */
export type Deciding = "nobody" | "lua" | "ext_proc";

/** The process that Envoy asks. */
export type ServerKind = { readonly kind: "riffle"; readonly transport: "own" | "grpc-js" } | { readonly kind: "go" };

interface RowShape {
  readonly id: string;
  readonly title: string;
  readonly deciding: Deciding;
  readonly server: ServerKind | undefined;
}

/** One of the compared set-ups. */
export interface Row extends RowShape {
  readonly id: RowId;
}

/** The targets, by name; every row chooses among them. */
export const TARGETS: readonly string[] = Array.from({ length: 8 }, (_, index) => `backend_${index}`);

/** How many targets a customer is dealt. */
export const SHARD_SIZE = 2;
