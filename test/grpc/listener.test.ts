import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Address } from "../../src/core/rules.ts";
import { formatAddress, isTrusted, openListener } from "../../src/grpc/listener.ts";
import { type Certificates, certificatesMissing, makeCertificates, readIdentity } from "../support/certificates.ts";

const tcp = (host: string): Address => ({ kind: "tcp", host, port: 9001 });

test.each<{ address: Address; text: string; trusted: boolean }>([
  { address: tcp("127.0.0.1"), text: "127.0.0.1:9001", trusted: true },
  { address: tcp("127.8.8.8"), text: "127.8.8.8:9001", trusted: true },
  { address: tcp("localhost"), text: "localhost:9001", trusted: true },
  { address: tcp("::1"), text: "[::1]:9001", trusted: true },
  { address: { kind: "unix", path: "/run/riffle.sock" }, text: "unix:/run/riffle.sock", trusted: true },
  { address: tcp("0.0.0.0"), text: "0.0.0.0:9001", trusted: false },
  { address: tcp("::"), text: "[::]:9001", trusted: false },
  { address: tcp("10.1.2.3"), text: "10.1.2.3:9001", trusted: false },
  { address: tcp("127.0.0.1.example.com"), text: "127.0.0.1.example.com:9001", trusted: false },
])("$text: only this machine can reach it: $trusted", ({ address, text, trusted }) => {
  expect(formatAddress(address)).toBe(text);
  expect(isTrusted(address)).toBe(trusted);
});

test("a listener that only clients with a certificate can reach is trusted, wherever it is", () => {
  const material = { cert: Buffer.of(), key: Buffer.of() };
  expect(isTrusted(tcp("0.0.0.0"), { ...material, clientCa: Buffer.of() })).toBe(true);
  expect(isTrusted(tcp("0.0.0.0"), material)).toBe(false);
});

describe.skipIf(certificatesMissing !== undefined)(`a handshake${certificatesMissing ? ` (${certificatesMissing})` : ""}`, () => {
  let made: Certificates;
  beforeAll(async () => {
    made = await makeCertificates();
  });
  afterAll(() => made.remove());

  test("that is not finished in time is cut, one that is finished is not", async () => {
    const accepted = Promise.withResolvers<void>();
    const tls = await readIdentity(made.server);
    const options = { tls, handshakeTimeoutMs: 200 };
    const listener = await openListener({ kind: "tcp", host: "127.0.0.1", port: 0 }, () => accepted.resolve(), options);
    const port = listener.address.kind === "tcp" ? listener.address.port : 0;
    const prompt = connectTls({ host: "127.0.0.1", port, ALPNProtocols: ["h2"], rejectUnauthorized: false });
    await accepted.promise;
    const silent = connect(port, "127.0.0.1");
    await once(silent.resume(), "close"); // the test's own limit would notice
    expect(prompt.closed).toBe(false);
    prompt.destroy();
    await listener.close(0);
  });
});
