import type { Route } from "../route-rules.ts";
import type { Problem, Rules } from "../rules.ts";

/** What routes say that works and is likely not meant. Of rules whose virtual hosts are written. */
export const warnOfRoutes = ({ virtualHosts, discovery }: Pick<Rules, "virtualHosts" | "discovery">): readonly Problem[] => [
  ...virtualHosts.flatMap(({ routes }, index) => warnOfHidden(routes, index)),
  ...virtualHosts.flatMap(({ hosts, routes }, index) =>
    routes.flatMap((route, place) => warnOfUnnamed(route, { path: pathOf(index, place), given: `${hosts[0]}#${place}` })),
  ),
  ...warnOfUnasked(virtualHosts, discovery),
];

const pathOf = (host: number, route: number): Problem["path"] => ["virtual_hosts", host, "routes", route];

/** One warning a virtual host: what comes after a route that takes everything is never reached. */
function warnOfHidden(routes: readonly Route[], host: number): readonly Problem[] {
  const last = routes.findIndex(takesAll);
  const hidden = routes.length - 1 - last;
  if (last < 0 || hidden === 0) return [];
  const what = hidden === 1 ? "the route" : `the ${hidden} routes`;
  return [{ path: pathOf(host, last), message: `takes every request, so ${what} after it can never match; move it to the end` }];
}

const takesAll = ({ match: { path, methods, headers, query, basisPoints } }: Route): boolean =>
  path.kind === "prefix" && path.prefix === "/" && methods.length + headers.length + query.length === 0 && basisPoints === 10_000;

/** Shares are dealt by the route's name, and one that was not given holds the route's place. */
function warnOfUnnamed({ name, match, target }: Route, { path, given }: { readonly path: Problem["path"]; readonly given: string }) {
  const isShared = match.basisPoints % 10_000 > 0 || target.kind === "split";
  if (!isShared || name !== given) return [];
  return [
    {
      path,
      message:
        "a share of the customers goes by the route's name, which is its place here; give it a name, or customers change sides when it moves",
    },
  ];
}

function warnOfUnasked(virtualHosts: Rules["virtualHosts"], discovery: Rules["discovery"]): readonly Problem[] {
  const asked = new Set(virtualHosts.flatMap(({ routes }) => routes.map(({ region }) => region?.discovery.name)));
  return [...discovery.keys()]
    .filter((name) => !asked.has(name))
    .map((name) => ({ path: ["discovery", name], at: "key", message: `no route asks ${name}; name it in a route's region, or remove it` }));
}
