import type { Route } from "../rules.ts";
import type { Steps } from "../steps.ts";
import type { Asked } from "./asked.ts";
import type { Condition } from "./condition.ts";
import { createConditions } from "./conditions.ts";
import { createPathCondition } from "./path-condition.ts";
import { type Candidates, PathTree } from "./path-tree.ts";
import { RegexGroups } from "./regex-group.ts";

/** A route that comes before the one that matches. */
export interface PassedOver {
  readonly route: Route;
  readonly why: string; // one short line, for people
}

/** The routes of one virtual host, compiled. */
export class RouteTable {
  readonly #routes: readonly CompiledRoute[];
  readonly #tree: PathTree;

  private constructor(routes: readonly CompiledRoute[], tree: PathTree) {
    this.#routes = routes;
    this.#tree = tree;
  }

  /** A route a step. */
  static *compile(routes: readonly Route[]): Steps<RouteTable> {
    const compiled: CompiledRoute[] = [];
    const tree = new PathTree();
    const groups = new RegexGroups();
    for (const route of routes) {
      const path = createPathCondition(route.match.path, groups);
      tree.add(path.opening, compiled.length);
      const others = createConditions(route);
      const all = [path, ...others];
      compiled.push({ route, conditions: all, open: path.isOpening ? (others.length === 0 ? NONE : others) : all });
      yield;
    }
    for (const group of groups.all) {
      group.close();
      yield;
    }
    return new RouteTable(compiled, tree);
  }

  /** The first route that matches. */
  find(asked: Asked, candidates: Candidates): Route | undefined {
    candidates.clear();
    this.#tree.find(asked.path, asked.end, candidates);
    let best = this.#routes.length;
    // Those of which most of the path is known come first: most often one of them is the one, and spares the others' tests.
    for (let i = candidates.count - 1; i >= 0; i--) {
      for (const place of candidates.list(i)) {
        if (place >= best) break;
        if (firstBroken(this.#routes[place]?.open ?? NONE, asked) === undefined) best = place;
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
  readonly conditions: readonly Condition[]; // the path's first
  readonly open: readonly Condition[]; // those of them that the tree has not answered: most often none, and then nothing is read
}

const NONE: readonly Condition[] = [];

/** The first condition that does not hold; undefined when all do. */
function firstBroken(conditions: readonly Condition[], asked: Asked): Condition | undefined {
  for (const condition of conditions) if (!condition.holds(asked)) return condition;
  return undefined;
}
