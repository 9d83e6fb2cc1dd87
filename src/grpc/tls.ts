import { constants } from "node:crypto";
import type { Server, Socket } from "node:net";
import { createServer, TLSSocket, type TlsOptions } from "node:tls";
import { ListenError, type TlsMaterial } from "./types.ts";

/** The suites that HTTP/2 does not forbid (RFC 9113 §9.2.2, appendix A): forward secret, authenticated encryption. */
const CIPHERS = [
  ...["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
  ...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"],
  ...["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"],
].join(":");

/**
 * A server that drops without a word whoever fails in the handshake, or takes longer for it; the rest is its `secureConnection`.
 * Throws ListenError for material that cannot be used.
 */
export function createTlsServer(material: TlsMaterial, handshakeTimeoutMs: number): Server {
  const options: TlsOptions = {
    ...toPem(material),
    noDelay: true,
    handshakeTimeout: handshakeTimeoutMs,
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION, // RFC 9113 §9.2.1
    ALPNProtocols: ["h2"],
  };
  try {
    return createServer(options).on("tlsClientError", (_, socket) => socket.destroy()); // left to itself Node keeps it open
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ListenError(`cannot listen with TLS: ${reason}; check certificate and key`, { cause });
  }
}

/** Whether HTTP/2 was agreed on. Who offers other protocols has been refused by an alert; who offers none comes this far. RFC 9113 §3.2. */
export const isAgreed = (socket: Socket): boolean => !(socket instanceof TLSSocket) || socket.alpnProtocol === "h2";

function toPem({ cert, key, clientCa }: TlsMaterial): TlsOptions {
  const own = { cert: Buffer.from(cert), key: Buffer.from(key) };
  return clientCa === undefined ? own : { ...own, ca: Buffer.from(clientCa), requestCert: true, rejectUnauthorized: true };
}
