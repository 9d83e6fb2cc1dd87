import { encodeBlock } from "./hpack/encoder.ts";
import type { HeaderField } from "./hpack/field.ts";
import { Code, type Status } from "./types.ts";

// Header blocks of replies. They use no dynamic table, so one block serves every connection: those that recur are made once.

const field = (name: string, value: string): HeaderField => ({ name, value });
const OPENING = [field(":status", "200"), field("content-type", "application/grpc")];

/** Opens a reply that has messages. */
export const REPLY_HEADERS = encodeBlock(OPENING);

const OK_TRAILERS = encodeBlock([field("grpc-status", "0")]);

/** Trailers after messages. */
export const encodeTrailers = (status: Status): Uint8Array => (status.code === Code.ok ? OK_TRAILERS : encodeBlock(statusFields(status)));

/** A reply without messages, in one block ("Trailers-Only"). */
export const encodeTrailersOnly = (status: Status, more: readonly HeaderField[] = []): Uint8Array =>
  encodeBlock([...OPENING, ...more, ...statusFields(status)]);

/** What a client that does not speak gRPC is told. */
export const encodeHttpHeaders = (status: number): Uint8Array =>
  encodeBlock([field(":status", String(status)), field("content-type", "text/plain")]);

const MAX_MESSAGE_CHARS = 1024;

/** gRPC over HTTP/2, "Percent-Encoded": UTF-8, with every byte outside printable ASCII, and `%`, as %XX. */
function statusFields({ code, message }: Status): readonly HeaderField[] {
  const status = field("grpc-status", String(code));
  if (message === "") return [status];
  const text = Buffer.from(message.slice(0, MAX_MESSAGE_CHARS).toWellFormed(), "utf8").toString("latin1");
  // A space at either end, too: no field value may have one there, RFC 9113 §8.2.1.
  const encoded = text.replace(/[^ -$&-~]|^ | $/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  return [status, field("grpc-message", encoded)];
}
