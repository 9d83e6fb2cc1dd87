import type { Problem } from "../rules.ts";
import { type Found, find, subject } from "./find.ts";

/** Envoy is told how to verify riffle where riffle speaks TLS, and what to prove itself with where riffle asks for that. */
export function checkTls(document: unknown): readonly Problem[] {
  const [listener] = find(document, "listen.grpc.tls").concat(find(document, "listen.grpc.*.tls"));
  const [asking] = find(document, "listen.grpc.tls.client_ca").concat(find(document, "listen.grpc.*.tls.client_ca"));
  const [tls] = find(document, "envoy.tls");
  if (tls === undefined) return listener ? [missing(listener)] : [];
  return [...checkPair(tls), ...(asking && !has(tls, "cert") && !has(tls, "key") ? [nothingToShow(tls, asking)] : [])];
}

const has = ({ value }: Found, key: string): boolean => find(value, key).length > 0;

const missing = ({ path }: Found): Problem => ({
  path: ["envoy", "tls"],
  message: `envoy.tls is missing: ${subject(path.slice(0, -1))} has TLS; write tls: {ca: …}, the CA of riffle's certificate on Envoy's machine`,
});

function checkPair(tls: Found): readonly Problem[] {
  const [absent, ...others] = ["cert", "key"].filter((key) => !has(tls, key));
  if (absent === undefined || others.length > 0) return [];
  return [{ path: tls.path, message: `tls has no ${absent}; cert and key go together` }];
}

const nothingToShow = ({ path }: Found, { path: asking }: Found): Problem => ({
  path,
  message: `tls has no cert and key, and ${subject(asking.slice(0, -2))} has client_ca; add both, so that Envoy is let in`,
});
