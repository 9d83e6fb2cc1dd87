import type { Address, ListenerRules, ListenRules, Transport } from "../core/rules.ts";
import { type CreateGrpcServer, type GrpcServer, ListenError, type Method, type TlsMaterial } from "../grpc/types.ts";
import { readTlsFiles } from "../store/tls-files.ts";
import { UserError } from "./user-error.ts";

/** Loaded when chosen: the library alone takes 0.3 s. */
const TRANSPORTS: Readonly<Record<Transport, (listen: ListenRules) => Promise<CreateGrpcServer>>> = {
  own: async ({ maxConnectionAgeMs }) => {
    const { createTunedServer } = await import("../grpc/own.ts");
    return (methods) => createTunedServer(methods, { maxConnectionAgeMs });
  },
  "grpc-js": async () => (await import("../grpc/grpc-js.ts")).createGrpcJsServer,
};

/** A gRPC server of the transport that the rules choose. */
export const createServer = async (rules: ListenRules, methods: readonly Method[]): Promise<GrpcServer> =>
  (await TRANSPORTS[rules.transport](rules))(methods);

/** Where to listen, and what with. */
export interface Listener {
  readonly address: Address;
  readonly tls: TlsMaterial | undefined;
}

/** A listener of the rules with what its files hold, or a UserError with a line a mistake. */
export async function readListener({ address, tls }: ListenerRules): Promise<Listener> {
  if (tls === undefined) return { address, tls };
  const read = await readTlsFiles(tls);
  if ("problems" in read) throw new UserError(read.problems.join("\n"));
  return { address, tls: read };
}

/** Listens at all of them, or rejects with a UserError and at none. */
export async function listen(server: GrpcServer, listeners: readonly Listener[]): Promise<readonly Address[]> {
  try {
    return await Promise.all(listeners.map(({ address, tls }) => server.listen(address, tls)));
  } catch (cause) {
    await server.drain(0); // nothing half started
    throw cause instanceof ListenError ? new UserError(cause.message) : cause;
  }
}
