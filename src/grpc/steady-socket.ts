import { Socket, type SocketConstructorOpts } from "node:net";

const READ_BYTES = 64 * 1024; // at most, as Node itself reads

/**
 * The same connection, read into memory that is there already. By itself Node allocates 64 KiB for each read and then cuts them
 * down to what came, which was an eighth of riffle's CPU. To its user it is like any socket, and its `data` are never written to
 * again. The accepted socket stays behind without its connection, for servers count by it; each is destroyed with the other.
 *
 * Reading so (`onread`) is public for clients; taking the handle from an accepted socket is not. Where there is none that can be
 * read so, the socket itself comes back. Not for sockets of TLS.
 */
export function createSteadySocket(accepted: Socket): Socket {
  const handle = takeHandle(accepted);
  if (handle === undefined) return accepted;
  const hear = (count: number): boolean => socket.emit("data", copyLanded(count));
  const options: SocketConstructorOpts = { onread: { buffer: landing, callback: hear } };
  const socket = new Socket(Object.assign(options, { handle }));
  socket.once("close", () => accepted.destroy());
  accepted.once("close", () => socket.destroy());
  return socket;
}

function takeHandle(accepted: Socket): object | undefined {
  const holder = accepted as unknown as { _handle?: { readonly useUserBuffer?: unknown } | null };
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== "function") return undefined;
  holder._handle = null;
  return handle;
}

/** Where every connection is read to. A read is told in the same turn, so what has landed is copied before the next one. */
const landing = Buffer.allocUnsafeSlow(READ_BYTES);

// Copies of all connections lie side by side: an idle one holds no memory, and a busy one costs an allocation in a dozen reads.
// Who keeps a message keeps its slab, just as it would keep its read.
let slab = Buffer.allocUnsafeSlow(READ_BYTES);
let used = 0;

function copyLanded(count: number): Buffer {
  if (count > slab.length - used) {
    slab = Buffer.allocUnsafeSlow(READ_BYTES);
    used = 0;
  }
  const start = used;
  used += landing.copy(slab, start, 0, count);
  return slab.subarray(start, used);
}
