import type { Socket } from "node:net";
import { GrpcCall } from "./call.ts";
import { readCallHead } from "./call-head.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { Ledger } from "./http2/bucket.ts";
import { Connection, type Opening } from "./http2/connection.ts";
import type { RequestHead } from "./http2/request.ts";
import { LINGER_MS, type Limits, STRICT, TRUSTED } from "./limits.ts";
import { isTrusted, type Listener, openListener } from "./listener.ts";
import { encodeTrailersOnly } from "./replies.ts";
import { createSteadySocket } from "./steady-socket.ts";
import { Code, type CreateGrpcServer, type GrpcServer, ListenError, type Method } from "./types.ts";
import { opener } from "./unary.ts";

/** What may be set about a server of riffle's own transport. */
export interface OwnOptions {
  /** The bounds; tests make them small. */
  readonly strict?: Limits;
  readonly trusted?: Limits;
  /** Each connection is drained after this long, give or take a tenth, so that clients spread anew; absent: never. */
  readonly maxConnectionAgeMs?: number | undefined;
  /** Hears why a connection was ended by us, for counters. */
  readonly onConnectionError?: (error: Error) => void;
  /** Hears of a bug in the transport, for one log line. */
  readonly onBug?: (cause: unknown) => void;
}

/** The gRPC server on riffle's own HTTP/2. */
export const createOwnServer: CreateGrpcServer = (methods) => createTunedServer(methods, {});

/** The same, with its options. */
export function createTunedServer(methods: readonly Method[], options: OwnOptions): GrpcServer {
  const { strict = STRICT, trusted = TRUSTED } = options;
  const prepare = preparer(methods);
  const ledger = new Ledger(strict.processBytes);
  const connections = new Set<Connection>();
  const listeners: Listener[] = [];
  const sweep = setInterval(() => connections.forEach(checkIdle), SWEEP_MS).unref();
  let isDraining = false;

  const accept = (socket: Socket, limits: Limits): void => {
    const { onConnectionError = () => {}, onBug = () => {} } = options;
    const held = new Ledger(limits.connectionBytes, ledger);
    const connection = new Connection({ socket, limits, ledger: held, now, prepare, onError: onConnectionError, onBug });
    connections.add(connection);
    const retire = retireAfter(options.maxConnectionAgeMs, connection);
    socket.once("close", () => {
      clearTimeout(retire);
      connections.delete(connection);
    });
  };

  return {
    listen: async (address, tls) => {
      const limits = isTrusted(address, tls) ? trusted : strict;
      const here = new Set<Socket>();
      const enter = (socket: Socket): void => {
        if (here.size >= limits.connections) return void socket.destroy();
        here.add(socket);
        socket.once("close", () => here.delete(socket));
        accept(socket, limits);
      };
      const listener = await openListener(address, enter, { tls, wrap: createSteadySocket });
      if (isDraining) {
        await listener.close(0);
        throw new ListenError("cannot listen: the server is shutting down");
      }
      listeners.push(listener);
      return listener.address;
    },
    drain: async (graceMs) => {
      isDraining = true;
      for (const connection of connections) connection.drain(LINGER_MS);
      await Promise.all(listeners.map((listener) => listener.close(graceMs)));
      clearInterval(sweep);
    },
  };
}

const SWEEP_MS = 1_000;
const MAX_TIMER_MS = 2 ** 31 - 1; // a longer one would fire at once
const now = (): number => performance.now();
const checkIdle = (connection: Connection): void => connection.checkIdle(now());

function retireAfter(ageMs: number | undefined, connection: Connection): NodeJS.Timeout | undefined {
  if (ageMs === undefined) return undefined;
  const jitter = 0.9 + Math.random() * 0.2; // connections made together do not end together
  return setTimeout(() => connection.drain(LINGER_MS), Math.min(ageMs * jitter, MAX_TIMER_MS)).unref();
}

/** What is done with a stream depends on its head alone, and heads recur: it is found out once for each. */
export function preparer(methods: readonly Method[]): (head: RequestHead) => Opening {
  const openers = new Map(methods.map((method) => [method.path, opener(method)]));
  return (head) => {
    const asked = readCallHead(head);
    if (asked.kind === "http") return (connection, stream) => new HttpRefusal(connection, stream, asked.status);
    if (asked.kind === "refused") return refuse(encodeTrailersOnly(asked.status, asked.fields));
    const open = openers.get(asked.path);
    if (open === undefined) return UNKNOWN_METHOD;
    return (connection, stream) => {
      const call = new GrpcCall(connection, stream);
      call.start((outlet) => open(outlet, asked.call), asked.timeoutMs);
      return call;
    };
  };
}

const refuse =
  (block: Uint8Array): Opening =>
  (connection, stream) => {
    connection.sendHeaders(stream, block, true);
    return undefined;
  };

const UNKNOWN_METHOD = refuse(encodeTrailersOnly({ code: Code.unimplemented, message: "unknown method" }));
