import { hostOf } from "../authority.ts";
import type { Policy } from "../decide.ts";
import type { Exchange } from "../exchange.ts";
import type { DiscoveryKey, RegionRules } from "../route-rules.ts";
import { type Adjust, type Answer, adjust, answer, ask, pass } from "../verdict.ts";

/** The longest key that is looked up: a host has at most 253 bytes, a customer 256. */
export const MAX_KEY_BYTES = 256;

/**
 * Says the region in a header, on routes that have one: what the discovery knows of the key, where the route allows that, else the
 * fallback. Whatever the request brought in that header is overwritten.
 */
export const region: Policy = (exchange) => {
  const rules = exchange.known.route?.region;
  if (rules === undefined) return pass;
  const key = keyOf(rules.discovery.key, exchange);
  if (key === undefined) return say(undefined, rules);
  return ask("region", { discovery: rules.discovery, key }, (fact) => say(fact.region, rules));
};

/** What a discovery is asked about (byte string); undefined when the exchange has no such key, or one too long. */
export function keyOf(wanted: DiscoveryKey, exchange: Exchange): string | undefined {
  const key = read(wanted, exchange);
  return key === undefined || key === "" || key.length > MAX_KEY_BYTES ? undefined : key;
}

function read(key: DiscoveryKey, { headers, known }: Exchange): string | undefined {
  switch (key.kind) {
    case "host":
      return hostOf(headers.get(":authority") ?? "");
    case "customer":
      return known.customer;
    case "header":
      return headers.get(key.header);
  }
}

function say(found: string | undefined, rules: RegionRules): Adjust | Answer {
  const { byRegion, otherwise } = verdictsOf(rules);
  return (found === undefined ? undefined : byRegion.get(found)) ?? otherwise;
}

/** All that can be said on a route. */
interface Verdicts {
  readonly byRegion: ReadonlyMap<string, Adjust>; // the allowed ones, and nothing else: no other value can reach the header
  readonly otherwise: Adjust | Answer;
}

/** Made once a route: replies are shared by their edits. */
const VERDICTS = new WeakMap<RegionRules, Verdicts>();

function verdictsOf(rules: RegionRules): Verdicts {
  const known = VERDICTS.get(rules);
  if (known !== undefined) return known;
  const { header, allowed, fallback } = rules;
  const byRegion = new Map(allowed.map((name) => [name, adjust({ edits: [{ name: header, value: name }], known: { region: name } })]));
  const otherwise = (fallback === undefined ? undefined : byRegion.get(fallback)) ?? NO_REGION;
  const verdicts = { byRegion, otherwise };
  VERDICTS.set(rules, verdicts);
  return verdicts;
}

/** So that whoever sees the 503 can tell it from an upstream's own. */
const NO_REGION = answer(503, "no region", { headers: [{ name: "x-riffle-reason", value: "no-region" }] });
