import fc from "fast-check";
import { createHeaders, type Headers } from "../../../src/core/exchange.ts";
import type { VirtualHost } from "../../../src/core/route-rules.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { type RouteRequest, requestsFor } from "./arbitrary-requests.ts";
import { virtualHosts } from "./arbitrary-rules.ts";
import { askHttp1, askHttp2, type Choice } from "./ask-envoy.ts";
import { envoyConfig } from "./envoy-config.ts";

/** A request, for some virtual hosts, and what a real Envoy with the same virtual hosts did with it. */
export interface Asked {
  readonly all: readonly VirtualHost[];
  readonly request: RouteRequest;
  readonly choice: Choice;
}

/** Makes sets of virtual hosts and requests for each, and asks a real Envoy about them. */
export async function askAbout({
  sets: count,
  requestsEach,
}: {
  readonly sets: number;
  readonly requestsEach: number;
}): Promise<readonly Asked[]> {
  const sets = fc.sample(virtualHosts(40), count);
  const envoy = await startEnvoy({ config: envoyConfig(sets) });
  try {
    const ports = await listenerPorts(envoy);
    const asked: Asked[] = [];
    for (const [index, all] of sets.entries()) {
      const requests = fc.sample(requestsFor(all), requestsEach);
      const port = ports.get(`${index}`) ?? 0;
      const [odd = [], even = []] = [true, false].map((wanted) => requests.filter((request) => isOdd(request) === wanted));
      const choices = [...(await askHttp1(port, even)), ...(await askHttp2(port, odd))];
      asked.push(...[...even, ...odd].map((request, place) => ({ all, request, choice: choices[place] ?? "refused" })));
    }
    return asked;
  } finally {
    await envoy.stop();
  }
}

/** Envoy refuses such bytes over HTTP/1, and not over HTTP/2. */
const isOdd = ({ path, method }: RouteRequest): boolean => /[\x80-\xff]/.test(path) || (path === "*" && method === "OPTIONS");

/** A request as Envoy shows it to riffle. */
export const headersOf = ({ method, authority, path, headers }: RouteRequest): Headers =>
  createHeaders([
    [":method", method],
    [":authority", authority],
    [":path", path],
    ...headers.map(([name, value]) => [name.toLowerCase(), value.trim()] as const),
  ]);

async function listenerPorts({ adminPort }: RunningEnvoy): Promise<ReadonlyMap<string, number>> {
  const { listener_statuses: listeners } = (await (await fetch(`http://127.0.0.1:${adminPort}/listeners?format=json`)).json()) as {
    readonly listener_statuses: readonly {
      readonly name: string;
      readonly local_address: { readonly socket_address: { readonly port_value: number } };
    }[];
  };
  return new Map(listeners.map(({ name, local_address: { socket_address } }) => [name, socket_address.port_value]));
}
