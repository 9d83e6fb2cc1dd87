import { lstat, unlink } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Address } from "../core/rules.ts";
import { HANDSHAKE_TIMEOUT_MS, LINGER_MS } from "./limits.ts";
import { createTlsServer, isAgreed } from "./tls.ts";
import { ListenError, type TlsMaterial } from "./types.ts";

/** An open listener; `address` is where it really is, port 0 replaced. */
export interface Listener {
  readonly address: Address;
  /**
   * Accepts no more and, for a unix socket, removes its file; resolves when every connection has ended. After `graceMs` the rest
   * is cut; called again, it may cut sooner.
   */
  close(graceMs: number): Promise<void>;
}

export interface ListenerOptions {
  readonly tls?: TlsMaterial | undefined; // absent: plain connections
  readonly handshakeTimeoutMs?: number;
  /** What is handed over in the place of a plain connection: the two are to be destroyed together. */
  readonly wrap?: (accepted: Socket) => Socket;
}

/**
 * Listens at an address and hands over each connection, one of TLS (a TLSSocket) after its handshake. The socket file of a dead
 * process is replaced, that of a live one is not. Rejects with ListenError.
 */
export async function openListener(address: Address, accept: (socket: Socket) => void, options: ListenerOptions = {}): Promise<Listener> {
  const server = createAcceptor(options);
  const connections = track(server);
  const { tls, wrap = asIs } = options;
  server.on(tls === undefined ? "connection" : "secureConnection", (accepted: Socket) => {
    connections.enter(accepted);
    if (!isAgreed(accepted)) return accepted.destroy();
    const socket = tls === undefined ? wrap(accepted) : accepted;
    socket.once("finish", () => linger(socket));
    return accept(socket);
  });
  try {
    await listen(server, address);
  } catch (cause) {
    if (!(await isStale(address, cause))) throw toListenError(address, cause);
    await listen(server, address).catch((again: unknown) => Promise.reject(toListenError(address, again)));
  }
  return { address: boundAddress(server, address), close: closer(server, connections) };
}

const asIs = (accepted: Socket): Socket => accepted;

const createAcceptor = ({ tls, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS }: ListenerOptions): Server =>
  tls === undefined ? createServer({ noDelay: true }) : createTlsServer(tls, handshakeTimeoutMs);

/** True for a listener that only this machine, or clients with a certificate, can reach: Envoys there may reset streams as they like. */
export const isTrusted = (address: Address, tls?: TlsMaterial): boolean => tls?.clientCa !== undefined || isOwnMachine(address);

const isOwnMachine = (address: Address): boolean =>
  address.kind === "unix" || address.host === "localhost" || address.host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address.host);

/** As an operator writes it: `127.0.0.1:9001`, `[::1]:9001` or `unix:/run/riffle.sock`. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function listen(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** A socket file that refuses connections was left by a dead process; once it is removed the path is free. */
async function isStale(address: Address, cause: unknown): Promise<boolean> {
  if (address.kind !== "unix" || codeOf(cause) !== "EADDRINUSE") return false;
  // A file of another kind refuses connections just so, and is somebody's.
  if (!(await lstat(address.path)).isSocket() || (await isAlive(address.path))) return false;
  await unlink(address.path);
  return true;
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once("connect", () => resolve(true));
    probe.once("error", (cause) => resolve(codeOf(cause) !== "ECONNREFUSED"));
    probe.once("connect", () => probe.destroy());
  });
}

function boundAddress(server: Server, address: Address): Address {
  const bound = server.address();
  return address.kind === "tcp" && bound !== null && typeof bound === "object" ? { ...address, port: bound.port } : address;
}

function linger(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

interface Connections {
  /** Counts a connection as handed over. */
  enter(socket: Socket): void;
  /** Cuts those that are still in their handshake. */
  cutEntering(): void;
  cutAll(): void;
}

/** Every connection from the moment it is there. A TLSSocket is another object than the socket below it: their peer tells. */
function track(server: Server): Connections {
  const all = new Set<Socket>();
  const entering = new Map<string, Socket>(); // by peer
  const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  server.on("connection", (socket: Socket) => {
    const peer = peerOf(socket);
    all.add(socket);
    entering.set(peer, socket);
    socket.once("close", () => {
      all.delete(socket);
      if (entering.get(peer) === socket) entering.delete(peer);
    });
  });
  return {
    enter: (socket) => void entering.delete(peerOf(socket)),
    cutEntering: () => {
      for (const socket of entering.values()) socket.destroy();
    },
    cutAll: () => {
      for (const socket of all) socket.destroy();
    },
  };
}

function closer(server: Server, { cutEntering, cutAll }: Connections): (graceMs: number) => Promise<void> {
  let closed: Promise<void> | undefined;
  return async (graceMs) => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    cutEntering();
    const timer = setTimeout(cutAll, graceMs);
    await closed;
    clearTimeout(timer);
  };
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "already in use: stop the process that listens there, or choose another address",
  EADDRNOTAVAIL: "this machine has no such address: use one of its own, or 0.0.0.0",
  EACCES: "not allowed: choose a port above 1023 or, for a unix socket, an existing folder that this user may write to",
  ENOTFOUND: "no such host: check the name",
  EINVAL: "not a usable address: the path of a unix socket has at most 107 bytes",
};

function toListenError(address: Address, cause: unknown): ListenError {
  const code = codeOf(cause) ?? "unknown error";
  return new ListenError(`cannot listen on ${formatAddress(address)}: ${REMEDIES[code] ?? code}`, { cause });
}

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
