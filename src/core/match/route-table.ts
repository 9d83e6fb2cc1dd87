import type { Route } from "../route-rules.ts";
import type { Steps } from "../steps.ts";
import type { Asked } from "./asked.ts";
import type { Condition } from "./condition.ts";
import { createConditions, methodCondition } from "./conditions.ts";
import { ANY_METHOD, methodBit, methodMask } from "./methods.ts";
import { createPathCondition, type PathCondition } from "./path-condition.ts";
import type { Candidates, PathTree } from "./path-tree.ts";
import { RegexGroups } from "./regex-group.ts";
import { TreeBuilder } from "./tree-builder.ts";

/** A route that comes before the one that matches. */
export interface PassedOver {
  readonly route: Route;
  readonly why: string; // one short line, for people
}

/** The routes of one virtual host, compiled. */
export class RouteTable {
  readonly #routes: readonly CompiledRoute[];
  // By place, and apart: between two requests much of a processor's cache is others', and most routes need nothing else.
  readonly #methods: Int32Array;
  readonly #open: readonly (readonly Condition[] | undefined)[];
  readonly #tree: PathTree;

  private constructor({ routes, methods, open }: Compiled, tree: PathTree) {
    this.#routes = routes;
    this.#methods = methods;
    this.#open = open;
    this.#tree = tree;
  }

  /** A route a step. */
  static *compile(routes: readonly Route[]): Steps<RouteTable> {
    const compiled: Compiled = { routes: [], methods: new Int32Array(routes.length), open: [] };
    const builder = new TreeBuilder();
    const groups = new RegexGroups();
    for (const route of routes) {
      const path = createPathCondition(route.match.path, groups);
      const place = compiled.routes.length;
      for (const opening of path.openings) builder.add(opening, place);
      compileRoute(route, path, compiled);
      yield;
    }
    for (const group of groups.all) {
      group.close();
      yield;
    }
    return new RouteTable(compiled, yield* builder.pack());
  }

  /** The first route that matches. */
  find(asked: Asked, candidates: Candidates): Route | undefined {
    candidates.clear();
    this.#tree.find(asked.path, asked.end, candidates);
    let best = this.#routes.length;
    // Those of which most of the path is known come first: most often one of them is the one, and spares the others' tests.
    const { places } = this.#tree;
    let method = 0; // of the request; read when the first route asks
    for (let i = candidates.count - 1; i >= 0; i--) {
      const list = candidates.list(i);
      const end = list + (places[list] ?? 0);
      for (let at = list + 1; at <= end; at++) {
        const place = places[at] ?? best;
        if (place >= best) break;
        const methods = this.#methods[place] ?? 0;
        if (methods !== ANY_METHOD) {
          if (method === 0) method = methodBit(asked.method);
          if ((methods & method) === 0) continue;
        }
        const open = this.#open[place];
        if (open === undefined || firstBroken(open, asked) === undefined) best = place;
      }
    }
    return this.#routes[best]?.route;
  }

  /** All routes up to the first that matches, without the tree: what `find` does the long way. */
  trace(asked: Asked): { readonly passedOver: readonly PassedOver[]; readonly route: Route | undefined } {
    const passedOver: PassedOver[] = [];
    for (const compiled of this.#routes) {
      const broken = firstBroken(compiled.conditions, asked);
      if (broken === undefined) return { passedOver, route: compiled.route };
      passedOver.push({ route: compiled.route, why: broken.why(asked) });
    }
    return { passedOver, route: undefined };
  }
}

interface CompiledRoute {
  readonly route: Route;
  readonly conditions: readonly Condition[]; // all of them, the path's first
}

/** Routes by place. */
interface Compiled {
  readonly routes: CompiledRoute[];
  readonly methods: Int32Array; // masks
  readonly open: (readonly Condition[] | undefined)[]; // conditions that neither the tree nor the mask answers; undefined: none
}

/** Adds a route. */
function compileRoute(route: Route, path: PathCondition, compiled: Compiled): void {
  const { methods } = route.match;
  const mask = methodMask(methods);
  const method = methods.length > 0 ? [methodCondition(methods)] : [];
  const others = createConditions(route);
  const open = [...(path.isOpening ? [] : [path]), ...(mask === undefined ? method : []), ...others];
  compiled.methods[compiled.routes.length] = mask ?? ANY_METHOD;
  compiled.open.push(open.length > 0 ? open : undefined);
  compiled.routes.push({ route, conditions: [path, ...method, ...others] });
}

/** The first condition that does not hold; undefined when all do. */
function firstBroken(conditions: readonly Condition[], asked: Asked): Condition | undefined {
  for (const condition of conditions) if (!condition.holds(asked)) return condition;
  return undefined;
}
