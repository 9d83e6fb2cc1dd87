import { resolve } from "node:path";
import { generateEnvoy } from "../core/envoy/bootstrap.ts";
import { ENVOY_PARTS, ENVOY_VERSIONS, isTls } from "../core/envoy/options.ts";
import { parseEnvoyListener, parseListener, parsePeer } from "../core/parse/address.ts";
import type { Address, Rules, TcpAddress } from "../core/rules.ts";
import { loadRulesAndWarn } from "./rules.ts";
import { UserError } from "./user-error.ts";

/** The command's flags, as written. */
export interface EnvoyFlags {
  readonly part?: string;
  readonly envoy?: string; // a version
  readonly riffle?: readonly string[]; // addresses; none: as the rules say
  readonly admin?: string;
}

/** Prints the Envoy configuration that fits a file. */
export async function envoy({ config, ...flags }: EnvoyFlags & { readonly config: string }): Promise<void> {
  process.stdout.write(printEnvoy(await loadRulesAndWarn(config), flags));
}

/** The Envoy configuration that fits the rules, as YAML. Throws UserError for a flag that means nothing. */
export function printEnvoy(rules: Rules, { part, envoy: version, riffle = [], admin }: EnvoyFlags): string {
  const addresses = riffle.map(parseRiffle);
  if (new Set(addresses.map((where) => isTls(where, rules))).size > 1) {
    throw new UserError("--riffle: riffle speaks TLS at some of these addresses and not at others; an Envoy reaches all of them alike");
  }
  return generateEnvoy(rules, {
    part: oneOf(ENVOY_PARTS, "--part", part),
    envoyVersion: oneOf(ENVOY_VERSIONS, "--envoy", version),
    riffle: addresses.length === 0 ? undefined : addresses,
    admin: admin === undefined ? undefined : parseAdmin(admin),
  });
}

function oneOf<T extends string>(known: readonly T[], flag: string, given: string | undefined): T | undefined {
  if (given === undefined) return undefined;
  const found = known.find((one) => one === given);
  if (found === undefined) throw new UserError(`${flag} ${JSON.stringify(given)}: not known; write one of ${known.join(", ")}`);
  return found;
}

function parseRiffle(text: string): Address {
  const parsed = text.startsWith("unix:") ? parseListener(text) : parsePeer(text);
  if ("why" in parsed) throw new UserError(`--riffle ${parsed.why}`);
  return parsed.value.kind === "unix" ? { kind: "unix", path: resolve(parsed.value.path) } : parsed.value;
}

function parseAdmin(text: string): TcpAddress {
  const parsed = parseEnvoyListener(text);
  if ("why" in parsed) throw new UserError(`--admin ${parsed.why}`);
  return parsed.value;
}
