import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Oracle } from "../../../src/core/decide.ts";
import { blind } from "../../../src/core/observer.ts";
import { requestPolicies, responsePolicies } from "../../../src/core/policies.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { Ledger } from "../../../src/grpc/http2/bucket.ts";
import { Connection } from "../../../src/grpc/http2/connection.ts";
import { TRUSTED } from "../../../src/grpc/limits.ts";
import { preparer } from "../../../src/grpc/own.ts";
import type { Method } from "../../../src/grpc/types.ts";
import { createExtProc, type Scene } from "../../../src/serve/ext-proc.ts";
import { createHealth } from "../../../src/serve/health.ts";
import { quietLive } from "../../../src/store/live.ts";
import { createOracle } from "../../../src/store/oracle.ts";
import { quietRegion } from "../../../src/store/regions.ts";
import { EXT_PROC_SERVICE } from "../../../src/wire/ext-proc.ts";
import { eight, snapshotOf } from "../../support/rules.ts";
import { TestSocket } from "../http2/socket.ts";

export const RECORDINGS = ["envoy-exchanges", "envoy-bodies", "envoy-health"] as const;

/** What a real Envoy said on one connection: see README.md here. */
export const readRecording = (name: (typeof RECORDINGS)[number]): Buffer => readFileSync(join(import.meta.dirname, `${name}.bin`));

/** The rules as they were when it was recorded. */
export const snapshot: Snapshot = snapshotOf({
  pools: { backends: eight },
  virtual_hosts: [{ routes: [{ match: { prefix: "/orders" }, target: { pool: "backends" } }] }],
});

const bare: Oracle = createOracle({ live: quietLive, region: quietRegion });
const late: Oracle = createOracle({ live: () => Promise.resolve(quietLive()), region: quietRegion });

/** The methods of a riffle that serves, with its policies; chance and time stand still. */
export function riffleMethods(report: (cause: unknown) => void, oracle: Oracle = bare): readonly Method[] {
  const scene: Scene = { policies: requestPolicies, responsePolicies, snapshot, oracle };
  const health = createHealth([EXT_PROC_SERVICE]);
  health.setServing(true);
  return [
    createExtProc({ scene: () => scene, now: () => 0, elapsed: () => 0, draw: () => 0x5eed, report, observer: blind }),
    ...health.methods,
  ];
}

const fail = (cause: unknown): never => {
  throw cause;
};
const prepare = preparer(riffleMethods(fail));
const prepareLate = preparer(riffleMethods(fail, late));

function listen(prepared: ReturnType<typeof preparer>): TestSocket {
  const socket = new TestSocket();
  const ledger = new Ledger(TRUSTED.connectionBytes);
  new Connection({ socket, limits: TRUSTED, ledger, now: () => 0, prepare: prepared, onError: fail, onBug: fail });
  return socket;
}

/** What riffle writes to an Envoy that says this, chunk by chunk. */
export function replay(chunks: Iterable<Buffer>): Buffer {
  const socket = listen(prepare);
  socket.say(...chunks);
  const { sent } = socket;
  socket.destroy();
  return sent;
}

/** The same where each decision has to be waited for, and is there before the next chunk comes. */
export async function replayLate(chunks: Iterable<Buffer>): Promise<Buffer> {
  const socket = listen(prepareLate);
  for (const chunk of chunks) {
    socket.say(chunk);
    await new Promise(setImmediate);
  }
  const { sent } = socket;
  socket.destroy();
  return sent;
}

/** Cuts at these places, in any order. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}
