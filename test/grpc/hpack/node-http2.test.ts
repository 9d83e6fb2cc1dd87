import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders, sensitiveHeaders } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HpackDecoder } from "../../../src/grpc/hpack/decoder.ts";
import { encodeBlock, TABLE_SIZE_ZERO } from "../../../src/grpc/hpack/encoder.ts";
import type { HeaderField } from "../../../src/grpc/hpack/field.ts";
import { bytes } from "./bytes.ts";

/*
 * Node's own HTTP/2, with nghttp2's HPACK in it, as the peer: it shares nothing with this code or with the reference encoder. The
 * server here speaks as much HTTP/2 as it takes to see the client's header blocks and to answer them; RFC 9113.
 */

const PREFACE_BYTES = 24;
const Frame = { headers: 1, settings: 4 } as const;
const ACK = 1;
const END_STREAM_AND_HEADERS = 5;
const HEADER_TABLE_SIZE = 1;

interface Peer {
  readonly blocks: Uint8Array[]; // of the client's requests, in order
  reply: Uint8Array; // to the next request
  announce(maxTableBytes: number): Promise<void>; // resolves once the client has acknowledged it
}

let server: Server;
let client: ClientHttp2Session;
let peer: Peer;

beforeEach(async () => {
  const accepted = Promise.withResolvers<Socket>();
  server = createServer(accepted.resolve);
  await once(server.listen(0, "127.0.0.1"), "listening");
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  peer = serve(await accepted.promise);
});

afterEach(() => {
  client.destroy();
  server.close();
});

function serve(socket: Socket): Peer {
  const acks: (() => void)[] = [];
  const write = (type: number, flags: number, stream: number, payload: Uint8Array): void => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.set([type, flags], 3);
    head.writeUInt32BE(stream, 5);
    socket.write(bytes(head, payload));
  };
  const peer: Peer = {
    blocks: [],
    reply: encodeBlock([{ name: ":status", value: "200" }]),
    announce: (maxTableBytes) =>
      new Promise((resolve) => {
        acks.push(resolve);
        write(Frame.settings, 0, 0, Uint8Array.of(0, HEADER_TABLE_SIZE, 0, 0, maxTableBytes >> 8, maxTableBytes & 0xff));
      }),
  };
  let pending = Buffer.alloc(0);
  let isOpen = false;
  socket.on("error", () => undefined); // the client is destroyed at the end
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    if (!isOpen && pending.length >= PREFACE_BYTES) {
      isOpen = true;
      pending = pending.subarray(PREFACE_BYTES);
      write(Frame.settings, 0, 0, bytes());
      acks.push(() => undefined);
    }
    while (isOpen && pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
      const end = 9 + pending.readUIntBE(0, 3);
      const [, , , type, flags = 0] = pending;
      if (type === Frame.settings && (flags & ACK) !== 0) acks.shift()?.();
      if (type === Frame.headers) {
        expect(flags & ~END_STREAM_AND_HEADERS, "a block in one frame, without padding and priority").toBe(0);
        peer.blocks.push(Uint8Array.from(pending.subarray(9, end)));
        write(Frame.headers, END_STREAM_AND_HEADERS, pending.readUInt32BE(5), peer.reply);
      }
      pending = pending.subarray(end);
    }
  });
  return peer;
}

/** One request; resolves to the response's headers once its stream has closed. */
async function request(headers: OutgoingHttpHeaders): Promise<IncomingHttpHeaders> {
  const stream = client.request(headers, { endStream: true });
  const [response] = (await once(stream, "response")) as [IncomingHttpHeaders];
  stream.resume();
  await once(stream, "close");
  return response;
}

const grpc = (path: string, traceparent: string) => ({
  ":method": "POST",
  ":path": path,
  ":authority": "riffle",
  te: "trailers",
  "content-type": "application/grpc",
  "grpc-timeout": "200m",
  traceparent,
});
const toFields = (headers: object): HeaderField[] =>
  Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: String(one) })));
const sorted = (fields: readonly HeaderField[]): string[] => fields.map(({ name, value }) => `${name}: ${value}`).sort();
const withScheme = (headers: object): string[] => sorted([...toFields(headers), { name: ":scheme", value: "http" }]);

test("what Node's client sends is decoded to its headers, request after request, as its table fills and evicts", async () => {
  const decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536 });
  let savedBytes = 0;
  for (let i = 0; i < 200; i++) {
    const headers = { ...grpc(`/package.Service/Method${i % 7}`, `00-${i}-é`), "x-padding": "p".repeat((i * 37) % 300) };
    await request(headers);
    const block = peer.blocks.at(-1) ?? bytes();
    savedBytes += encodeBlock(toFields(headers)).length - block.length;
    expect(sorted(decoder.decode(block).fields), `request ${i}`).toEqual(withScheme(headers));
  }
  expect(savedBytes / peer.blocks.length, "what its table saves a request").toBeGreaterThan(20);
});

test("the same request again is the same bytes, and is not decoded again", async () => {
  const decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536 });
  for (let i = 0; i < 3; i++) await request(grpc("/package.Service/Method", "00-1"));
  const [first, second, third] = peer.blocks.map((block) => decoder.decode(block));
  expect(second).toEqual(first);
  expect(third).toBe(second);
});

test("fields that it never indexes are decoded, and take no place in the table", async () => {
  const decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536 });
  const headers = { ...grpc("/package.Service/Method", "00-1"), authorization: "Bearer secret", [sensitiveHeaders]: ["authorization"] };
  for (let i = 0; i < 3; i++) {
    await request(headers);
    expect(sorted(decoder.decode(peer.blocks.at(-1) ?? bytes()).fields)).toEqual(withScheme(headers));
  }
});

test.each([0, 64, 200])(
  "a table that we have lowered to %i bytes and raised again is followed through its size updates",
  async (lowered) => {
    const decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536 });
    for (const maxTableBytes of [4096, lowered, 4096, lowered]) {
      await peer.announce(maxTableBytes);
      for (let i = 0; i < 3; i++) {
        const headers = grpc(`/package.Service/Method${i}`, `00-${maxTableBytes}`);
        await request(headers);
        expect(sorted(decoder.decode(peer.blocks.at(-1) ?? bytes()).fields)).toEqual(withScheme(headers));
      }
    }
    expect(peer.blocks.filter(([first = 0]) => first >> 5 === 1).length).toBeGreaterThan(1);
  },
);

test("what we encode is what Node's client reads", async () => {
  const fields = [
    { name: ":status", value: "200" },
    { name: "content-type", value: "application/grpc" },
    { name: "grpc-status", value: "13" },
    { name: "grpc-message", value: "internal error: 100%25 \x80\xff" },
    { name: "x-empty", value: "" },
    { name: "x-long", value: "0123456789abcdef".repeat(50) },
    { name: "set-cookie", value: "a=1" },
    { name: "set-cookie", value: "b=2" },
  ];
  for (const reply of [encodeBlock(fields), bytes(TABLE_SIZE_ZERO, encodeBlock(fields)), encodeBlock(fields)]) {
    peer.reply = reply;
    const response = await request(grpc("/package.Service/Method", "00-1"));
    expect(sorted(toFields(response))).toEqual(sorted(fields));
  }
});
