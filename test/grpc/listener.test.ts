import { expect, test } from "vitest";
import type { Address } from "../../src/core/rules.ts";
import { formatAddress, isTrusted } from "../../src/grpc/listener.ts";

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
