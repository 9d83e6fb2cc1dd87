import { request } from "node:http";
import { text } from "node:stream/consumers";
import { until } from "../../src/cli/demo/run-envoy.ts";
import { PATIENCE_MS } from "./stage.ts";

/** What the admin listener answered. */
export interface AdminReply {
  readonly status: number;
  readonly body: ReadyBody & ReloadBody;
}

/** Of /ready. */
export interface ReadyBody {
  readonly ready?: boolean;
  readonly phase?: string;
  readonly version?: string;
  readonly reload?: ReloadBody | null;
}

/** Of /reload. */
export interface ReloadBody {
  readonly ok?: boolean;
  readonly outcome?: string;
  readonly trigger?: string;
  readonly version?: string;
  readonly took_ms?: number;
  readonly problems?: readonly string[];
  readonly warnings?: readonly string[];
}

/** Asks the admin listener at a unix socket. */
export function askAdmin(socket: string, method: "GET" | "POST", path: string): Promise<AdminReply> {
  return new Promise((resolve, reject) => {
    request({ socketPath: socket, method, path, headers: { host: "localhost" } }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) }), reject);
    })
      .once("error", reject)
      .end();
  });
}

/** Asks /ready until it says so. */
export const untilReady = (socket: string, says: (body: ReadyBody) => boolean): Promise<ReadyBody> =>
  until(async () => {
    const { body } = await askAdmin(socket, "GET", "/ready");
    return says(body) ? body : undefined;
  }, AbortSignal.timeout(PATIENCE_MS));
