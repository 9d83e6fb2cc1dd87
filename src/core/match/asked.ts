import { customerOf } from "../customer-of.ts";
import type { Headers } from "../exchange.ts";
import type { Rules } from "../rules.ts";
import { endOfPath } from "./path.ts";
import { findParameter } from "./query.ts";

/**
 * What routes are matched against: one request, read when somebody asks and no more than once in a row. One object serves
 * all requests of a router, one after the other, so that matching leaves nothing to the collector.
 */
export class Asked {
  serial = 0; // another one for each request, to know what is known of this one
  path = ""; // as received
  end = 0; // of the path, without query and fragment
  readonly #rules: Rules["customer"];
  #headers: Headers | undefined;
  #bare: string | undefined;
  #customer: string | undefined;
  #hasCustomer = false;
  #name = ""; // of the header read last: neighbours in a file often ask for the same
  #lines: readonly string[] = NONE;

  constructor(customer: Rules["customer"]) {
    this.#rules = customer;
  }

  /** From now on this request is asked about. */
  begin(headers: Headers, path: string): void {
    this.serial = (this.serial + 1) | 0;
    this.#headers = headers;
    this.path = path;
    this.end = endOfPath(path);
    this.#bare = undefined;
    this.#customer = undefined;
    this.#hasCustomer = false;
    this.#name = "";
  }

  /** Keeps nothing of the request alive. */
  finish(): void {
    this.#headers = undefined;
    this.path = "";
    this.#bare = undefined;
    this.#customer = undefined;
    this.#lines = NONE;
  }

  /** The path without query and fragment. */
  get bare(): string {
    this.#bare ??= this.end === this.path.length ? this.path : this.path.slice(0, this.end);
    return this.#bare;
  }

  get method(): string {
    return this.#headers?.get(":method") ?? "";
  }

  /** Byte string; undefined for a request of nobody. */
  get customer(): string | undefined {
    if (!this.#hasCustomer && this.#headers !== undefined) this.#customer = customerOf(this.#headers, this.#rules);
    this.#hasCustomer = true;
    return this.#customer;
  }

  /** Every line of this header. */
  lines(name: string): readonly string[] {
    if (this.#name !== name) {
      this.#lines = this.#headers?.all(name) ?? NONE;
      this.#name = name;
    }
    return this.#lines;
  }

  /** The first value of this query parameter, not decoded. */
  parameter(name: string): string | undefined {
    return findParameter(this.path, name);
  }
}

const NONE: readonly string[] = [];
