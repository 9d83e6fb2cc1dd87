import { lowerAscii } from "../authority.ts";

/** A host as written in a virtual host's list, and what it leads to. */
export interface Host<T> {
  readonly pattern: string; // lower case; exact, "*.suffix", "prefix.*" or "*"
  readonly value: T;
}

/**
 * Finds what belongs to a request's authority as Envoy does: exact, then the longest suffix wildcard (`*.example.com`),
 * then the longest prefix wildcard (`api.*`), then `*`. A wildcard stands for at least one character. ASCII case does not
 * matter; a port and a trailing dot belong to the name. (Envoy, `domains` of config.route.v3.VirtualHost.)
 * The cost of a search grows with the number of different lengths of wildcards, not with that of hosts.
 */
export class HostTable<T> {
  readonly #exact = new Map<string, Host<T>>();
  readonly #suffixes = new Wildcards<T>();
  readonly #prefixes = new Wildcards<T>();
  #any: Host<T> | undefined;

  /** While the table is built, before anybody searches it. Of two equal patterns the later one counts. */
  add(pattern: string, value: T): void {
    const host = { pattern, value };
    if (pattern === "*") this.#any = host;
    else if (pattern.startsWith("*")) this.#suffixes.add(pattern.slice(1), host);
    else if (pattern.endsWith("*")) this.#prefixes.add(pattern.slice(0, -1), host);
    else this.#exact.set(pattern, host);
  }

  /** The host for this authority (a byte string, as received); undefined when none is meant for it. */
  find(authority: string): Host<T> | undefined {
    const name = lowerAscii(authority);
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    for (const length of this.#suffixes.lengths) {
      if (length >= name.length) continue;
      const found = this.#suffixes.get(name.slice(name.length - length));
      if (found !== undefined) return found;
    }
    for (const length of this.#prefixes.lengths) {
      if (length >= name.length) continue;
      const found = this.#prefixes.get(name.slice(0, length));
      if (found !== undefined) return found;
    }
    return this.#any;
  }
}

/** Wildcards of one kind by their text without the star. */
class Wildcards<T> {
  readonly lengths: number[] = []; // longest first, each once
  readonly #hosts = new Map<string, Host<T>>();

  add(text: string, host: Host<T>): void {
    this.#hosts.set(text, host);
    if (this.lengths.includes(text.length)) return;
    this.lengths.push(text.length);
    this.lengths.sort((a, b) => b - a);
  }

  get(text: string): Host<T> | undefined {
    return this.#hosts.get(text);
  }
}
