import type { Address, TcpAddress } from "../rules.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** Reads where a peer is: `host:port` or `[v6]:port`, port 1 … 65535. The host comes out in lower case, IPv6 in its shortest form. */
export const parsePeer = (text: string): Parsed<TcpAddress> => parseTcp(text, 1);

/** Reads where to listen on TCP: as `parsePeer`, and port 0 is any free one. */
export const parseTcpListener = (text: string): Parsed<TcpAddress> => parseTcp(text, 0);

/** Reads where Envoy listens: as `parseTcpListener`, and it takes no names. */
export function parseEnvoyListener(text: string): Parsed<TcpAddress> {
  const parsed = parseTcpListener(text);
  if ("why" in parsed || isIp(parsed.value.host)) return parsed;
  return refuse(text, "is no IP address, and Envoy listens at no other; write one such as 127.0.0.1:8080");
}

/** Reads where to listen: on TCP, or at `unix:path`, whose path comes out as written (`resolvePath` makes it absolute). */
export function parseListener(text: string): Parsed<Address> {
  if (!text.startsWith("unix:")) return parseTcpListener(text);
  const path = text.slice("unix:".length);
  if (path === "" || path.endsWith("/")) return refuse(text, "names no socket; write unix:riffle.sock or unix:/run/riffle.sock");
  return isPath(path) ? value({ kind: "unix", path }) : refuse(text, "holds characters that no path should");
}

/** Reads the path of a file, which comes out as written. */
export function parseFilePath(text: string): Parsed<string> {
  if (text === "" || text.endsWith("/")) return refuse(text, "names no file");
  return isPath(text) ? value(text) : refuse(text, "holds characters that no path should");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a path ends at NUL, and the others have no business in one
const isPath = (text: string): boolean => !/[\x00-\x1f\x7f]/.test(text) && text.isWellFormed();

/** A path of the document, made absolute: a relative one starts at the document's folder. */
export const resolvePath = (path: string, folder: string): string =>
  path.startsWith("/") ? path : `${folder.replace(/\/+$/, "")}/${path.replace(/^(?:\.\/+)+/, "")}`;

/** Whether only this machine reaches what listens there. */
export const isOwnMachine = (address: Address): boolean =>
  address.kind === "unix" || address.host === "localhost" || address.host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address.host);

/** The same text for the same address, as operators write it. */
export const formatTcp = ({ host, port }: TcpAddress): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

/** Whether a host is an IP address (IPv6 without brackets) and needs no DNS. No host name holds a colon. */
export const isIp = (host: string): boolean => host.includes(":") || /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(host);

function parseTcp(text: string, minPort: number): Parsed<TcpAddress> {
  const [, v6, name, digits] = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]{1,5})$/.exec(text) ?? [];
  if (digits === undefined) return refuse(text, "is not an address; write host:port or [IPv6]:port");
  const port = Number(digits);
  if (port < minPort || port > 65_535) return refuse(text, `has no such port; write ${minPort} to 65535`);
  const host = v6 === undefined ? parseName(name ?? "") : parseV6(v6);
  return host === undefined
    ? refuse(text, "names no host; write a name, an IPv4 address or an IPv6 address in brackets")
    : value({ kind: "tcp", host, port });
}

/** A name or an IPv4 address. `1.2.3` and `010.0.0.1` mean different hosts to different readers, and so nothing here. */
function parseName(name: string): string | undefined {
  if (!/^[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_.])?$/i.test(name) || name.includes("..")) return undefined;
  const host = name.toLowerCase();
  const isNumeric = /^(?:[0-9]+|0x[0-9a-f]*)\.?$/.test(host.slice(host.replace(/\.$/, "").lastIndexOf(".") + 1));
  return isNumeric && hostOf(host) !== host ? undefined : host;
}

function parseV6(text: string): string | undefined {
  return /^[0-9a-f:.]+$/i.test(text) ? hostOf(`[${text}]`)?.slice(1, -1) : undefined;
}

/** The host as the URL standard writes it, which knows every form of an IP address. */
const hostOf = (host: string): string | undefined => URL.parse(`http://${host}/`)?.hostname;
