import { once } from "node:events";
import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { connect as connectSocket, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import type { Address } from "../../src/core/rules.ts";
import { Code, type CreateGrpcServer, type GrpcServer, ListenError } from "../../src/grpc/types.ts";
import { connect, type TestClient } from "./client.ts";
import { contractTls } from "./contract-tls.ts";
import { createPeer, type Peer } from "./methods.ts";
import { connectRaw, flood, type RawClient } from "./raw.ts";

const LOOPBACK: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };

/** What every gRPC server of riffle's promises; each twin's test file calls it. */
export function contract(name: string, create: CreateGrpcServer): void {
  contractTls(name, create);

  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function open(address: Address = LOOPBACK): Promise<{ server: GrpcServer; address: Address; peer: Peer; client: TestClient }> {
    const peer = createPeer();
    const server = create(peer.methods);
    undo.push(() => server.drain(0));
    const bound = await server.listen(address);
    return { server, address: bound, peer, client: client(bound) };
  }
  function client(address: Address): TestClient {
    const opened = connect(address);
    undo.push(() => opened.close());
    return opened;
  }
  async function raw(address: Address, settings?: { readonly window: number }): Promise<RawClient> {
    const opened = await connectRaw(address, settings);
    undo.push(() => opened.destroy());
    return opened;
  }
  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), "riffle-grpc-"));
    undo.push(() => rm(path, { recursive: true }));
    return path;
  }

  describe(`${name}: unary calls`, () => {
    test("a message is answered with one", async () => {
      const { client } = await open();
      expect((await client.unary("/test.S/Echo", Buffer.from("hello"))).toString()).toBe("hello");
    });
    test("an empty message is a message", async () => {
      const { client } = await open();
      expect(await client.unary("/test.S/Echo", Buffer.alloc(0))).toHaveLength(0);
    });
    test("a late answer arrives as well", async () => {
      const { client } = await open();
      expect((await client.unary("/test.S/EchoLate", Buffer.from("hello"))).toString()).toBe("hello");
    });
    test("a StatusError thrown or rejected with becomes the call's status", async () => {
      const { client } = await open();
      const expected = { code: Code.notFound, details: "no such thing: café" };
      await expect(client.unary("/test.S/Refuse", Buffer.alloc(0))).rejects.toMatchObject(expected);
      await expect(client.unary("/test.S/RefuseLate", Buffer.alloc(0))).rejects.toMatchObject(expected);
    });
    test("any other error ends its call alone, with INTERNAL and nothing of what it said", async () => {
      const { client } = await open();
      const error = await client.unary("/test.S/Break", Buffer.alloc(0)).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: Code.internal });
      expect(String(error)).not.toContain("secret");
      expect(await client.unary("/test.S/Echo", Buffer.from("on"))).toHaveLength(2);
    });
    test("an unknown method or service is UNIMPLEMENTED", async () => {
      const { client } = await open();
      await expect(client.unary("/test.S/None", Buffer.alloc(0))).rejects.toMatchObject({ code: Code.unimplemented });
      expect((await client.stream("/none.S/Echo").status).code).toBe(Code.unimplemented);
    });
  });

  describe(`${name}: metadata`, () => {
    const ask = async (metadata: Metadata, wanted: string): Promise<string> => {
      const { client } = await open();
      return (await client.unary("/test.S/Metadata", Buffer.from(wanted), metadata)).toString("latin1");
    };
    test("a value is found by its name in lower case", async () => {
      const metadata = new Metadata();
      metadata.set("TraceParent", "00-11-22-01");
      expect(await ask(metadata, "traceparent")).toBe("00-11-22-01");
    });
    test("a binary value comes decoded, as a byte string", async () => {
      const metadata = new Metadata();
      metadata.set("key-bin", Buffer.of(0, 0x41, 0xff, 0x80));
      expect(await ask(metadata, "key-bin")).toBe("\0A\xff\x80");
    });
    test("a name that did not come is undefined", async () => {
      expect(await ask(new Metadata(), "traceparent")).toBe("(none)");
    });
    test("a stream has its call's", async () => {
      const { client } = await open();
      const metadata = new Metadata();
      metadata.set("greeting", "hello");
      expect(await client.stream("/test.S/Greet", metadata).next()).toBe("hello");
    });
  });

  describe(`${name}: streams`, () => {
    test("messages go both ways while both sides are open", async () => {
      const { client } = await open();
      const stream = client.stream("/test.S/Chat");
      for (const message of ["one", "two", ""]) {
        stream.send(message);
        expect(await stream.next()).toBe(message);
      }
    });
    test("after the client's end what is owed still arrives, then the server's end", async () => {
      const { client, peer } = await open();
      const stream = client.stream("/test.S/ChatLate");
      stream.send("one", "two");
      stream.end();
      expect(await stream.rest()).toEqual(["one", "two"]);
      expect(await stream.status).toMatchObject({ code: Code.ok });
      expect(peer.log()).toEqual(["open", "one", "two", "end"]);
    });
    test("the server may end first, with a status, after what it sent before", async () => {
      const { client, peer } = await open();
      const stream = client.stream("/test.S/Chat");
      stream.send("one", "quit", "never heard");
      expect(await stream.status).toMatchObject({ code: Code.resourceExhausted, details: "as you wish" });
      expect(await stream.rest()).toEqual(["one"]);
      expect(peer.log()).toEqual(["open", "one", "quit"]);
    });
    test("a handler that breaks ends its own stream alone, with INTERNAL", async () => {
      const { client } = await open();
      const [broken, whole] = [client.stream("/test.S/Chat"), client.stream("/test.S/Chat")];
      broken.send("break");
      expect(await broken.status).toMatchObject({ code: Code.internal });
      expect((await broken.status).details).not.toContain("secret");
      whole.send("on");
      expect(await whole.next()).toBe("on");
    });
    test("a reset is reported once, as a cancel, and nothing after it", async () => {
      const { address, peer } = await open();
      const envoy = await raw(address);
      const stream = envoy.open("/test.S/Chat", "one");
      await peer.heard("one");
      envoy.reset(stream);
      await peer.heard("cancel");
      await envoy.flush();
      expect(peer.log()).toEqual(["open", "one", "cancel"]);
    });
    test("a reset right behind the first message is a cancel, and no end", async () => {
      const { address, peer } = await open();
      const envoy = await raw(address);
      envoy.reset(envoy.open("/test.S/Hold", "one"));
      envoy.open("/test.S/Hold", "two");
      await peer.heard("two");
      expect(peer.log()).not.toContain("end");
    });
    test("a cancel after the client's end is reported, for a stream that only the server still uses", async () => {
      const { client, peer } = await open();
      const stream = client.stream("/test.S/Hold");
      stream.send("one");
      stream.end();
      await peer.heard("end");
      stream.cancel();
      await peer.heard("cancel");
      expect(peer.log()).toEqual(["open", "one", "end", "cancel"]);
    });
    test("a client that vanishes is a cancel for each of its streams", async () => {
      const { address, peer } = await open();
      const envoy = await raw(address);
      for (const message of ["one", "two"]) envoy.open("/test.S/Chat", message);
      await peer.heard("two");
      envoy.destroy();
      await peer.heard("cancel", 2);
    });
    test("sending or ending after the end does nothing", async () => {
      const { client } = await open();
      const stream = client.stream("/test.S/Overdo");
      expect(await stream.rest()).toEqual(["once"]);
      expect(await stream.status).toMatchObject({ code: Code.ok });
    });
  });

  describe(`${name}: volume`, () => {
    test("3 MiB pass whole in both directions", async () => {
      const { client } = await open();
      const message = Buffer.alloc(3 * 1024 * 1024, "0123456789");
      expect((await client.unary("/test.S/Echo", message)).equals(message)).toBe(true);
      const stream = client.stream("/test.S/Chat");
      stream.send(message, "small");
      expect((await stream.next()) === message.toString()).toBe(true);
      expect(await stream.next()).toBe("small");
    });
    test("a message of more than 8 MiB ends its call with RESOURCE_EXHAUSTED", async () => {
      const { client } = await open();
      const message = Buffer.alloc(8 * 1024 * 1024 + 1);
      await expect(client.unary("/test.S/Echo", message)).rejects.toMatchObject({ code: Code.resourceExhausted });
    });
    test("many small messages keep their order", async () => {
      const { client } = await open();
      const messages = Array.from({ length: 5_000 }, (_, i) => `message ${i}`);
      const stream = client.stream("/test.S/Chat");
      stream.send(...messages);
      stream.end();
      expect(await stream.rest()).toEqual(messages);
    });
    test("500 streams of one connection are open at once", async () => {
      const { client, peer } = await open();
      const streams = Array.from({ length: 500 }, () => client.stream("/test.S/Chat"));
      for (const [i, stream] of streams.entries()) stream.send(`${i}`);
      await peer.heard("open", 500);
      expect(await Promise.all(streams.map((stream) => stream.next()))).toEqual(streams.map((_, i) => `${i}`));
      for (const stream of streams) stream.end();
      for (const stream of streams) expect(await stream.status).toMatchObject({ code: Code.ok });
    });
    test("streams reset by hundreds leave the connection's others alone", async () => {
      const { address, peer } = await open();
      const envoy = await raw(address);
      envoy.open("/test.S/Chat", "kept");
      const streams = Array.from({ length: 300 }, () => envoy.open("/test.S/Chat", "x"));
      await peer.heard("x", 300);
      for (const stream of streams) envoy.reset(stream);
      await peer.heard("cancel", 300);
      expect(await envoy.flush()).toEqual({ goAway: false });
      expect(peer.log().filter((entry) => entry === "cancel")).toHaveLength(300);
    });
    test("a client that takes no replies is soon listened to no more, so that none pile up", async () => {
      const { address, peer } = await open();
      const greedy = await raw(address, { window: 0 });
      const stream = greedy.open("/test.S/Chat", "x");
      for (let i = 0; i < 4_000; i++) greedy.send(stream, "x");
      await greedy.flush();
      await client(address).unary("/test.S/Echo", Buffer.alloc(0));
      expect(peer.log().length).toBeLessThan(1_000);
    });
    test("an Envoy of the same machine may reset thousands of streams", async () => {
      const { address } = await open();
      const envoy = await raw(address);
      expect(await flood(envoy, 5_000)).toBe(false);
    });
    test("on a listener that others can reach such a flood is answered with GOAWAY", async () => {
      const { address } = await open({ kind: "tcp", host: "0.0.0.0", port: 0 });
      expect(await flood(await raw(address), 5_000)).toBe(true);
    });
  });

  describe(`${name}: drain`, () => {
    test("an open stream finishes while new ones and new connections are refused", async () => {
      const { server, client: first, address } = await open();
      const stream = first.stream("/test.S/Chat");
      stream.send("before");
      await stream.next();
      const drained = server.drain(10_000);
      await first.unary("/test.S/Echo", Buffer.alloc(0)).catch(() => undefined); // on its way already, it may be served; GOAWAY precedes the reply
      await expect(first.unary("/test.S/Echo", Buffer.alloc(0))).rejects.toMatchObject({ code: Code.unavailable });
      await expect(client(address).unary("/test.S/Echo", Buffer.alloc(0))).rejects.toMatchObject({ code: Code.unavailable });
      stream.send("after");
      expect(await stream.next()).toBe("after");
      stream.end();
      expect(await stream.status).toMatchObject({ code: Code.ok });
      await drained;
    });
    test("it waits for no client that has nothing open", async () => {
      const { server, client } = await open();
      await client.unary("/test.S/Echo", Buffer.alloc(0));
      await server.drain(20_000); // the test's own limit would notice
    }, 10_000);
    test("it waits for no connection that sends nothing, or that never closes", async () => {
      const { server, address } = await open();
      const idler = connectSocket({ port: address.kind === "tcp" ? address.port : 0, host: "127.0.0.1", allowHalfOpen: true });
      undo.push(() => idler.destroy());
      idler.on("error", () => undefined);
      await once(idler, "connect");
      await client(address).unary("/test.S/Echo", Buffer.alloc(0)); // accepted after the idler
      await server.drain(20_000);
    }, 10_000);
    test("after the grace what is left is cut, and reported as a cancel", async () => {
      const { server, client, peer } = await open();
      const stream = client.stream("/test.S/Hold");
      stream.send("one");
      await peer.heard("one");
      await server.drain(20);
      await peer.heard("cancel");
      expect((await stream.status).code).not.toBe(Code.ok);
    });
    test("called again it is the same drain, and may cut sooner", async () => {
      const { server, client, peer } = await open();
      client.stream("/test.S/Hold").send("one");
      await peer.heard("one");
      const first = server.drain(60_000);
      await Promise.all([server.drain(0), first, server.drain(60_000)]);
      await peer.heard("cancel");
    }, 10_000);
    test("a server never used drains at once, and listens no more", async () => {
      const server = create([]);
      await server.drain(60_000);
      await expect(server.listen(LOOPBACK)).rejects.toThrow(ListenError);
    }, 10_000);
  });

  describe(`${name}: listeners`, () => {
    test("one server listens in several places", async () => {
      const { server, client: first } = await open();
      const path = join(await folder(), "second.sock");
      const second = client(await server.listen({ kind: "unix", path }));
      for (const each of [first, second]) expect((await each.unary("/test.S/Echo", Buffer.from("hi"))).toString()).toBe("hi");
    });
    test("a port in use is a ListenError of one line with the address and a remedy", async () => {
      const { address } = await open();
      const error = await create([])
        .listen(address)
        .catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ListenError);
      expect(String(error)).toMatch(/^ListenError: cannot listen on 127\.0\.0\.1:\d+: already in use: .*choose another address$/);
    });
    test.each<{ address: Address; message: RegExp }>([
      { address: { kind: "tcp", host: "192.0.2.1", port: 0 }, message: /192\.0\.2\.1:0: this machine has no such address/ },
      { address: { kind: "unix", path: "/no/such/folder/x.sock" }, message: /unix:\/no\/such\/folder\/x\.sock: .*an existing folder/ },
      { address: { kind: "unix", path: `/tmp/${"x".repeat(120)}.sock` }, message: /at most 107 bytes/ },
    ])("an address that cannot be had is a ListenError: $message", async ({ address, message }) => {
      const listening = create([]).listen(address);
      await expect(listening).rejects.toThrow(ListenError);
      await expect(listening).rejects.toThrow(message);
    });
    test("a unix socket is removed when the server drains", async () => {
      const { server, address } = await open({ kind: "unix", path: join(await folder(), "riffle.sock") });
      const path = address.kind === "unix" ? address.path : "";
      expect((await stat(path)).isSocket()).toBe(true);
      await server.drain(0);
      await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    });
    test("the socket file of a dead process is replaced", async () => {
      const path = join(await folder(), "riffle.sock");
      await leaveDeadSocket(path);
      const { client } = await open({ kind: "unix", path });
      expect(await client.unary("/test.S/Echo", Buffer.from("hi"))).toHaveLength(2);
    });
    test("the socket of a live process is left to it", async () => {
      const { address, client } = await open({ kind: "unix", path: join(await folder(), "riffle.sock") });
      await expect(create([]).listen(address)).rejects.toThrow(/already in use/);
      expect(await client.unary("/test.S/Echo", Buffer.from("hi"))).toHaveLength(2);
    });
    test("a file that is no socket is left alone", async () => {
      const path = await folder();
      await expect(create([]).listen({ kind: "unix", path })).rejects.toThrow(ListenError);
      expect((await stat(path)).isDirectory()).toBe(true);
    });
  });
}

/** A socket file that nobody listens on: bound by a server whose file is renamed away, so that closing removes nothing. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.was`, resolve));
  await rename(`${path}.was`, path);
  await new Promise((resolve) => server.close(resolve));
}
