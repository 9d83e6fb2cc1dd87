import { z } from "zod";
import { compileRegex } from "../match/regex.ts";
import { parseTemplate } from "../match/template.ts";
import { parseRegion } from "./discovery.ts";
import { parseHeaderName } from "./header.ts";
import { BUILT_IN, parseHeaderValue, parseRedirectPath } from "./header-value.ts";
import {
  parseCompared,
  parseMatchName,
  parseMethod,
  parseParameter,
  parsePart,
  parsePath,
  parsePrefix,
  parseRouteName,
  parseSegments,
} from "./match.ts";
import { parseHost, parseHostname, parseText } from "./names.ts";
import { parsePercent } from "./pick.ts";
import { show } from "./scalar.ts";
import { choose, chooseOrNot, complain, complainOf, mapping, read, text } from "./schema.ts";

// What one virtual host and its routes may look like, each value by itself: a part of shape.ts.

const regex = z.string().transform((written, context) => {
  const compiled = compileRegex(written);
  return "why" in compiled ? complain(context, `${show(written)}: ${compiled.why}`) : written;
});
const template = z.string().transform((written, context) => {
  const parsed = parseTemplate(written);
  return "why" in parsed ? complain(context, `${show(written)}: ${parsed.why}`) : written;
});
const headerName = text(parseHeaderName);
const present = z.literal(true).optional();

/** What a text is compared with: of these keys one is written. */
const comparisons = {
  exact: text(parseCompared).optional().describe("It is this text."),
  prefix: text(parsePart).optional().describe("It begins with this."),
  suffix: text(parsePart).optional().describe("It ends with this."),
  contains: text(parsePart).optional().describe("It holds this."),
  regex: regex.optional().describe("All of it matches this (RE2)."),
};

const whole = z.int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const range = mapping({ start: whole.describe("The least number."), end: whole.describe("The first number beyond.") }).refine(
  ({ start, end }) => start < end,
  "must end beyond its start",
);
const headerTests = {
  ...comparisons,
  present: present.describe("It is there."),
  range: range.optional().describe("It is a whole number: start or more, and less than end."),
};
const queryTests = { ...comparisons, present: present.describe("It is there.") };

const header = choose(headerTests, {
  name: text(parseMatchName).describe("Of several lines one that passes is enough; with invert, is too much."),
  invert: z.boolean().default(false).describe("It is not so. A header that is missing passes no test but an inverted present."),
});
const query = choose(queryTests, { name: text(parseParameter).describe("The first value of it counts, not decoded.") });

const paths = {
  path: text(parsePath).optional().describe("The path is this."),
  prefix: text(parsePrefix).optional().describe("The path begins with this; / is the default."),
  path_separated_prefix: text(parseSegments).optional().describe("The path is this, or begins with this and a slash."),
  regex: regex.optional().describe("All of the path matches this (RE2)."),
  template: template
    .optional()
    .describe("The path is of this form, as in Envoy: * is one segment, ** any number, {name} and {name=**} name them."),
};

const match = chooseOrNot(paths, {
  methods: z.array(text(parseMethod)).min(1).optional().describe("The method is one of these. Default: any."),
  headers: z.array(header).max(32).default([]).describe("All of these hold."),
  query: z.array(query).max(32).default([]).describe("All of these hold of the query's parameters."),
  percent: text(parsePercent).prefault("100%").describe("Of the customers, always the same ones."),
});

const pool = z.string().optional().describe("A pool: the customer's shard serves it.");
const cluster = z.string().optional().describe("One cluster or target, whoever asks.");
const headerValue = text(parseHeaderValue);

const part = choose({ pool, cluster }, { weight: z.int().min(0).max(1_000_000).describe("Against the others.") });

const redirect = mapping({
  status: z.literal([301, 302, 303, 307, 308]).default(301).describe("301, 302, 303, 307 or 308."),
  scheme: z.enum(["http", "https"]).optional().describe("Default: as it was; so with host, port and path."),
  host: text(parseHostname).optional().describe("Without port."),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe("Default: as it was, where scheme and host are; left out where the scheme has it anyway."),
  path: text(parseRedirectPath).optional().describe("From its first slash on, without query; with variables, as in headers."),
  strip_query: z.boolean().default(false).describe("The query is left out."),
}).refine(
  ({ scheme, host, port, path }) => [scheme, host, port, path].some((given) => given !== undefined),
  complainOf("must change something; name scheme, host, port or path"),
);

/** Answers that end with their headers. RFC 9110 §15.3.5, §15.3.6, §15.4.5. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

const direct = mapping({
  status: z.int().min(200).max(599).describe("Of the answer."),
  body: read(z.string().max(4096), parseText).optional().describe("Text, at most 4096 characters."),
}).refine(
  ({ status, body }) => body === undefined || !BODILESS.has(status),
  complainOf("has a body, and an answer of this status has none; leave it out"),
);

const target = choose(
  {
    pool,
    cluster,
    header: text(parseMatchName).optional().describe("The cluster that this request header names."),
    split: z.array(part).min(1).max(100).optional().describe("A share of the customers each, always the same ones."),
    redirect: redirect.optional().describe("The client is sent elsewhere."),
    direct_response: direct.optional().describe("The client is answered at once."),
  },
  {
    allowed: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("With header: the clusters that a client may name. Absent: the route itself sets the header."),
  },
)
  .refine(({ allowed, header: from }) => allowed === undefined || from !== undefined, complainOf("has allowed, which goes with header"))
  .refine(
    ({ split }) => split === undefined || split.some(({ weight }) => weight > 0),
    complainOf("must give one part of split a weight above 0"),
  );

const oneOrMore = z
  .union([headerValue, z.array(headerValue).min(1)], "must be text or a list of texts")
  .transform((written) => (Array.isArray(written) ? written : [written]));
const variables = `Text with variables: {name} of the route's template, ${BUILT_IN.map((name) => `{${name}}`).join(", ")}.`;
const changes = mapping({
  set: z.record(z.string(), headerValue).default({}).describe(`The header is this, whatever it was. ${variables}`),
  add: z.record(z.string(), oneOrMore).default({}).describe("One more line of it; a list for several."),
  remove: z.array(headerName).default([]).describe("The header goes."),
});

const region = mapping({
  discovery: z.string().describe("Who knows the region: a name under `discovery`."),
  header: headerName.prefault("region").describe("The request header that says it."),
  allowed: z.array(text(parseRegion)).min(1).describe("No other value ever stands in the header."),
  fallback: z.string().optional().describe("The region where none is found. Absent: refused (503)."),
});

const route = mapping({
  name: text(parseRouteName).optional().describe("For metrics, traces and tests. Default: the first host, # and its place."),
  match: match.prefault({}).describe("Which requests; by default all of these hosts."),
  target: target.describe("Where its requests go."),
  region: region.optional().describe("Finds out where the customer's region is, and says so in a header."),
  request: changes.prefault({}).describe("Changes to the headers sent on."),
  response: changes.prefault({}).describe("Changes to the headers that come back; costs a look at each response."),
  stats: z
    .enum(["request", "response"])
    .default("request")
    .describe("response: counts statuses and latencies as well; costs a look at each response."),
  on_error: z
    .enum(["deny", "allow", "default_target"])
    .optional()
    .describe("What happens to a request when riffle itself fails. Default: that of `defaults`."),
});

/** One entry of `virtual_hosts`. */
export const virtualHost = mapping({
  hosts: z
    .array(text(parseHost))
    .min(1)
    .prefault(["*"])
    .describe("Which authorities: exact, *.suffix, prefix.* or *. The most exact one wins."),
  routes: z.array(route).describe("The first that matches wins."),
});

export type RouteShape = z.output<typeof route>;
export type VirtualHostShape = z.output<typeof virtualHost>;
