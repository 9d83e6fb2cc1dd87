import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ListenerTls } from "../core/rules.ts";

/** What a TLS listener needs, in PEM. */
export interface TlsFiles {
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
  readonly clientCa: Uint8Array | undefined;
}

/** Reads the files of a listener, and whether they fit; or a line a mistake, each `file: what; remedy`. Never rejects. */
export async function readTlsFiles({
  cert: certPath,
  key: keyPath,
  clientCa: caPath,
}: ListenerTls): Promise<TlsFiles | { readonly problems: readonly string[] }> {
  const [cert, key, clientCa] = await Promise.all([
    readPem(certPath, parseCertificates),
    readPem(keyPath, parseKey),
    caPath === undefined ? undefined : readPem(caPath, parseCertificates),
  ]);
  const problems = [cert, key, clientCa].flatMap((read) => (read !== undefined && "problem" in read ? [read.problem] : []));
  if ("problem" in cert || "problem" in key || (clientCa && "problem" in clientCa)) return { problems };
  // A server shows the first certificate as its own; the others lead from it to the root.
  if (!cert.parsed[0]?.checkPrivateKey(key.parsed)) return { problems: [`${keyPath}: is not the key of the certificate in ${certPath}`] };
  return { cert: cert.bytes, key: key.bytes, clientCa: clientCa?.bytes };
}

type Pem<T> = { readonly bytes: Uint8Array; readonly parsed: T } | { readonly problem: string };

async function readPem<T>(path: string, parse: (bytes: Buffer) => T | string): Promise<Pem<T>> {
  const problem = (why: string): { readonly problem: string } => ({ problem: `${path}: ${why}` });
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    return problem(UNREADABLE.get(code) ?? `cannot be read (${code})`);
  }
  const parsed = parse(bytes);
  return typeof parsed === "string" ? problem(parsed) : { bytes, parsed };
}

const UNREADABLE: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file; correct its path"],
  ["ENOTDIR", "there is no such file; correct its path"],
  ["EISDIR", "is a folder; name the file in it"],
  ["EACCES", "may not be read; give this user the right to read it"],
]);

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Each by itself: what OpenSSL cannot read behind the first, it passes over without a word. */
function parseCertificates(bytes: Buffer): readonly X509Certificate[] | string {
  const written = bytes.toString("latin1").match(CERTIFICATE) ?? [];
  if (written.length === 0) return "holds no certificate; write one in PEM (-----BEGIN CERTIFICATE-----)";
  try {
    return written.map((pem) => new X509Certificate(pem));
  } catch {
    return "holds a certificate that cannot be read; write it anew in PEM";
  }
}

const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/; // RFC 7468 §11, RFC 1421 §4.6.1.1

function parseKey(bytes: Buffer): KeyObject | string {
  try {
    return createPrivateKey(bytes);
  } catch {
    return ENCRYPTED.test(bytes.toString("latin1"))
      ? "is encrypted; decrypt it, and keep it readable for this user alone"
      : "holds no private key; write one in PEM";
  }
}
