import type { Problem } from "../rules.ts";
import { formatTcp, parseListener, parsePeer, resolvePath } from "./address.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { show } from "./scalar.ts";

/** Socket paths fit, and a cluster has the same addresses wherever it stands. */
export function checkAddresses(document: unknown, folder: string): readonly Problem[] {
  return [...checkSockets(document, folder), ...checkAgreement(document)];
}

/** sizeof(sockaddr_un.sun_path) is 108 on Linux, the last one a NUL; Node cuts a longer path without a word. */
const MAX_SOCKET_BYTES = 107;

const SOCKETS = ["listen.grpc", "listen.grpc.*", "store.redis"];

function checkSockets(document: unknown, folder: string): readonly Problem[] {
  return SOCKETS.flatMap((pattern) => findText(document, pattern)).flatMap(({ path, value }) => {
    const parsed = parseListener(value);
    if ("why" in parsed || parsed.value.kind !== "unix") return [];
    const bytes = Buffer.byteLength(resolvePath(parsed.value.path, folder));
    if (bytes <= MAX_SOCKET_BYTES) return [];
    return [
      {
        path,
        message: `${subject(path)}: the socket's absolute path has ${bytes} bytes, and ${MAX_SOCKET_BYTES} is the most; choose a shorter one`,
      },
    ];
  });
}

interface Standing {
  readonly path: Found["path"];
  readonly home: string; // "clusters", or its pool; twice in one pool is a problem of its own
  readonly name: string;
  readonly addresses: string; // all of them, sorted, as text; "" for none
}

/** One name is one cluster in Envoy, so its second mention may not contradict the first. */
function checkAgreement(document: unknown): readonly Problem[] {
  const first = new Map<string, Standing>();
  const problems: Problem[] = [];
  for (const standing of [...fixedClusters(document), ...targets(document)]) {
    const other = first.get(standing.name);
    if (other === undefined) first.set(standing.name, standing);
    else if (other.addresses !== standing.addresses && other.home !== standing.home) problems.push(contradiction(standing, other));
  }
  return problems;
}

function contradiction({ path, name, addresses }: Standing, other: Standing): Problem {
  return {
    path,
    message: `${show(name)} has ${addresses || "no address"} here and ${other.addresses || "none"} in ${other.home}; give it the same in both`,
  };
}

function fixedClusters(document: unknown): readonly Standing[] {
  return find(document, "clusters.*").flatMap(({ path, value }) => {
    const addresses = Array.isArray(value) ? formatAll(value) : undefined;
    return addresses === undefined ? [] : [{ path, home: "clusters", name: String(path.at(-1)), addresses }];
  });
}

function targets(document: unknown): readonly Standing[] {
  return find(document, "pools.*.targets.*").flatMap((target) => {
    const [id] = findText(target.value, "id");
    const addresses = formatAll(find(target.value, "address").map(({ value }) => value));
    return id === undefined || addresses === undefined
      ? []
      : [{ path: target.path, home: target.path.slice(0, 2).join("."), name: id.value, addresses }];
  });
}

/** Undefined when one is not an address: the schema says so already. */
function formatAll(written: readonly unknown[]): string | undefined {
  const all: string[] = [];
  for (const text of written) {
    const parsed = typeof text === "string" ? parsePeer(text) : undefined;
    if (parsed === undefined || "why" in parsed) return undefined;
    all.push(formatTcp(parsed.value));
  }
  return all.sort().join(", ");
}
