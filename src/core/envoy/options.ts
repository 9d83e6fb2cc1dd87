import type { Address, Rules, TcpAddress } from "../rules.ts";

/** The Envoys the generator knows, oldest first. */
export const ENVOY_VERSIONS = ["1.36", "1.37", "1.38", "1.39", "1.40"] as const;
export type EnvoyVersion = (typeof ENVOY_VERSIONS)[number];

/** What can be printed alone, for those who have an Envoy. */
export const ENVOY_PARTS = ["filter", "cluster", "routes"] as const;
export type EnvoyPart = (typeof ENVOY_PARTS)[number];

/** What the rules do not say. Everything may be left out. */
export interface EnvoyOptions {
  readonly part?: EnvoyPart | undefined; // absent: the complete bootstrap
  readonly envoyVersion?: EnvoyVersion | undefined; // absent: the newest
  readonly riffle?: readonly Address[] | undefined; // where Envoy finds riffle; absent: the first gRPC listener
  readonly admin?: TcpAddress | undefined; // of Envoy's own admin page; absent: 127.0.0.1:9901
}

/** The newest Envoy the generator knows. */
export const NEWEST_ENVOY: EnvoyVersion = "1.40";

/** Where Envoy's own admin page is, when nobody says otherwise. */
export const DEFAULT_ADMIN: TcpAddress = { kind: "tcp", host: "127.0.0.1", port: 9901 };

/** Where Envoy reaches riffle: as given, else the first listener. A wildcard to listen on becomes loopback to connect to. */
export function riffleAddresses(rules: Pick<Rules, "listen">, options: EnvoyOptions): readonly Address[] {
  return (options.riffle ?? rules.listen.grpc.slice(0, 1).map(({ address }) => address)).map((where) =>
    where.kind === "tcp" ? { ...where, host: LOOPBACK.get(where.host) ?? where.host } : where,
  );
}

/** Whether riffle speaks TLS there: as its listener at that port, and where it has none at that port, as its first one on TCP. */
export function isTls(where: Address, { listen: { grpc } }: Pick<Rules, "listen">): boolean {
  if (where.kind === "unix") return false;
  const onTcp = grpc.filter(({ address }) => address.kind === "tcp");
  const same = onTcp.find(({ address }) => address.kind === "tcp" && address.port === where.port);
  return (same ?? onTcp[0])?.tls !== undefined;
}

const LOOPBACK: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);
