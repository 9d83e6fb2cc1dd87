import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Address } from "../../src/core/rules.ts";
import { Code, type CreateGrpcServer, type GrpcServer, ListenError, type TlsMaterial } from "../../src/grpc/types.ts";
import { type Certificates, certificatesMissing, type Identity, makeCertificates, readIdentity } from "../support/certificates.ts";
import { type ClientTls, connect, type TestClient } from "./client.ts";
import { createPeer, type Peer } from "./methods.ts";
import { connectRaw, flood } from "./raw.ts";

/** What every gRPC server of riffle's promises of its TLS listeners. */
export function contractTls(name: string, create: CreateGrpcServer): void {
  describe.skipIf(certificatesMissing !== undefined)(`${name}: TLS${certificatesMissing ? ` (${certificatesMissing})` : ""}`, () => {
    let made: Certificates;
    let ca: Buffer;
    beforeAll(async () => {
      made = await makeCertificates();
      ca = await readFile(made.ca);
    });
    afterAll(() => made.remove());

    const undo: (() => unknown)[] = [];
    afterEach(async () => {
      for (const step of undo.splice(0).reverse()) await step();
    });

    interface Open {
      readonly server: GrpcServer;
      readonly peer: Peer;
      readonly address: Extract<Address, { kind: "tcp" }>;
    }
    async function open({ mutual = false, host = "127.0.0.1" } = {}): Promise<Open> {
      const peer = createPeer();
      const server = create(peer.methods);
      undo.push(() => server.drain(0));
      const tls: TlsMaterial = { ...(await readIdentity(made.server)), clientCa: mutual ? ca : undefined };
      const address = await server.listen({ kind: "tcp", host, port: 0 }, tls);
      if (address.kind !== "tcp") throw new Error("not on TCP");
      return { server, peer, address };
    }
    async function client({ address }: Pick<Open, "address">, who?: Identity, trusted = ca): Promise<TestClient> {
      const tls: ClientTls = { ca: trusted, own: who && (await readIdentity(who)) };
      const opened = connect(address, tls);
      undo.push(() => opened.close());
      return opened;
    }
    /** A handshake of our own; resolves once it is done or refused. */
    async function shake({ address }: Open, options: ConnectionOptions): Promise<{ socket: TLSSocket; error: Error | undefined }> {
      const socket = connectTls({ host: "127.0.0.1", port: address.port, ca, ...options });
      undo.push(() => socket.destroy());
      return new Promise((resolve) => {
        socket.once("secureConnect", () => resolve({ socket, error: undefined }));
        socket.on("error", (error) => resolve({ socket, error }));
      });
    }
    const echo = async (by: TestClient): Promise<string> => (await by.unary("/test.S/Echo", Buffer.from("hi"))).toString();

    test("calls and streams pass as on a plain listener", async () => {
      const opened = await open();
      const one = await client(opened);
      expect(await echo(one)).toBe("hi");
      const stream = one.stream("/test.S/Chat");
      const large = "0123456789".repeat(100_000);
      stream.send(large, "small");
      stream.end();
      expect((await stream.rest()).map((text) => text.length)).toEqual([large.length, 5]);
      expect(await stream.status).toMatchObject({ code: Code.ok });
    });

    test("a client that trusts another CA is left, and the next one served", async () => {
      const opened = await open();
      const strangers = await client(opened, undefined, await readFile(made.strangerCa));
      await expect(echo(strangers)).rejects.toMatchObject({ code: Code.unavailable });
      expect(await echo(await client(opened))).toBe("hi");
    });

    test("a plain client gets nothing, and the next one is served", async () => {
      const opened = await open();
      const plain = connect(opened.address);
      undo.push(() => plain.close());
      await expect(echo(plain)).rejects.toMatchObject({ code: Code.unavailable });
      expect(opened.peer.log()).toEqual([]);
      expect(await echo(await client(opened))).toBe("hi");
    });

    test.each<[string, ConnectionOptions]>([
      ["offers only other protocols", { ALPNProtocols: ["http/1.1"] }],
      ["offers TLS 1.1 alone", { ALPNProtocols: ["h2"], minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }],
      ["offers only ciphers that HTTP/2 forbids", { ALPNProtocols: ["h2"], maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA256" }],
    ])("a client that %s is refused in the handshake", async (_, options) => {
      const { error } = await shake(await open(), options);
      expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_SSL|ECONNRESET/) });
    });

    test("a client that agrees on no protocol is cut, and told nothing", async () => {
      const { socket, error } = await shake(await open(), {});
      expect(error).toBeUndefined();
      const told: Buffer[] = [];
      socket.on("data", (bytes: Buffer) => told.push(bytes));
      await once(socket, "close");
      expect(told).toEqual([]);
    });

    test("HTTP/2 is agreed on, in TLS 1.2 and 1.3", async () => {
      const opened = await open();
      for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
        const { socket } = await shake(opened, { ALPNProtocols: ["h2"], minVersion: version, maxVersion: version });
        expect([socket.alpnProtocol, socket.getProtocol()]).toEqual(["h2", version]);
      }
    });

    test("a client that breaks off in the handshake disturbs nobody", async () => {
      const opened = await open();
      for (const first of ["", "\x16\x03\x01\x02\x00\x01", "PRI * HTTP/2.0\r\n\r\n"]) {
        const socket = connectSocket(opened.address.port, "127.0.0.1");
        socket.on("error", () => undefined);
        await once(socket, "connect");
        socket.write(Buffer.from(first, "latin1"), () => socket.resetAndDestroy());
        await once(socket, "close");
      }
      expect(await echo(await client(opened))).toBe("hi");
    });

    test("a drain waits for an open stream, and for no handshake", async () => {
      const opened = await open();
      const silent = connectSocket(opened.address.port, "127.0.0.1");
      silent.on("error", () => undefined);
      undo.push(() => silent.destroy());
      await once(silent, "connect");
      const stream = (await client(opened)).stream("/test.S/Chat");
      stream.send("before");
      await stream.next();
      const drained = opened.server.drain(20_000);
      stream.send("after");
      expect(await stream.next()).toBe("after");
      stream.end();
      expect(await stream.status).toMatchObject({ code: Code.ok });
      await drained; // the test's own limit would notice
    }, 10_000);

    test("after the grace what is left is cut, and reported as a cancel", async () => {
      const opened = await open();
      const stream = (await client(opened)).stream("/test.S/Hold");
      stream.send("one");
      await opened.peer.heard("one");
      await opened.server.drain(20);
      await opened.peer.heard("cancel");
    });

    test("material that is none is a ListenError of one line, and opens nothing", async () => {
      const server = create([]);
      const bad = { cert: Buffer.from("no"), key: Buffer.from("no") };
      const listening = server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, bad);
      await expect(listening).rejects.toThrow(ListenError);
      await expect(listening).rejects.toThrow(/^cannot listen with TLS: .*check certificate and key$/);
      await server.drain(0);
    });

    describe("with client_ca", () => {
      test("a client with a certificate of that CA is served", async () => {
        expect(await echo(await client(await open({ mutual: true }), made.client))).toBe("hi");
      });

      test("one without, or with a stranger's, reaches no method", async () => {
        const opened = await open({ mutual: true });
        for (const who of [undefined, made.stranger]) {
          await expect(echo(await client(opened, who))).rejects.toMatchObject({ code: Code.unavailable });
        }
        for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
          const own = await readIdentity(made.stranger);
          const { socket } = await shake(opened, { ALPNProtocols: ["h2"], minVersion: version, maxVersion: version, ...own });
          if (!socket.destroyed) await once(socket.resume(), "close");
        }
        expect(opened.peer.log()).toEqual([]);
        expect(await echo(await client(opened, made.client))).toBe("hi");
      });

      test("an Envoy may reset thousands of streams, though others could reach the listener", async () => {
        const opened = await open({ mutual: true, host: "0.0.0.0" });
        const envoy = await connectRaw(opened.address, { tls: { ca, ...(await readIdentity(made.client)) } });
        undo.push(() => envoy.destroy());
        expect(await flood(envoy, 5_000)).toBe(false);
      });

      test("without it such a flood is answered with GOAWAY", async () => {
        const opened = await open({ host: "0.0.0.0" });
        const anybody = await connectRaw(opened.address, { tls: { ca } });
        undo.push(() => anybody.destroy());
        expect(await flood(anybody, 5_000)).toBe(true);
      });
    });
  });
}
