import type { VirtualHost } from "../rules.ts";

/**
 * Finds the virtual host of a request's authority as Envoy does: exact, then the longest suffix wildcard (`*.example.com`),
 * then the longest prefix wildcard (`api.*`), then `*`. A wildcard stands for at least one character. ASCII case does not
 * matter; a port belongs to the name. (Envoy, `domains` of config.route.v3.VirtualHost.)
 */
export class HostTable {
  readonly #exact = new Map<string, VirtualHost>();
  readonly #suffixes: Wildcard[] = [];
  readonly #prefixes: Wildcard[] = [];
  readonly #any: VirtualHost | undefined;

  constructor(virtualHosts: readonly VirtualHost[]) {
    let any: VirtualHost | undefined;
    for (const virtualHost of virtualHosts) {
      for (const host of virtualHost.hosts) {
        if (host === "*") any = virtualHost;
        else if (host.startsWith("*")) this.#suffixes.push({ text: host.slice(1), virtualHost });
        else if (host.endsWith("*")) this.#prefixes.push({ text: host.slice(0, -1), virtualHost });
        else this.#exact.set(host, virtualHost);
      }
    }
    this.#any = any;
    this.#suffixes.sort(longestFirst);
    this.#prefixes.sort(longestFirst);
  }

  /** The virtual host of this authority (a byte string, as received); undefined when none is meant for it. */
  find(authority: string): VirtualHost | undefined {
    const host = lowerAscii(authority);
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    const suffix = this.#suffixes.find(({ text }) => host.length > text.length && host.endsWith(text));
    if (suffix !== undefined) return suffix.virtualHost;
    const prefix = this.#prefixes.find(({ text }) => host.length > text.length && host.startsWith(text));
    return prefix === undefined ? this.#any : prefix.virtualHost;
  }
}

interface Wildcard {
  readonly text: string; // without the star
  readonly virtualHost: VirtualHost;
}

const longestFirst = (a: Wildcard, b: Wildcard): number => b.text.length - a.text.length;

/** ASCII letters alone: String.toLowerCase would map Latin-1 bytes (É → é) and so merge names that differ. */
const lowerAscii = (text: string): string => (/[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (run) => run.toLowerCase()) : text);
