import { Code, type Inlet, type Method, type Outlet, StatusError } from "../grpc/types.ts";
import { decodeHealthCheckRequest, encodeHealthCheckResponse, HEALTH_CHECK_PATH, HEALTH_WATCH_PATH, type Serving } from "../wire/health.ts";

/** Watchers at a time; Envoy checks and never watches. */
export const MAX_WATCHERS = 1000;

/** grpc.health.v1 for a set of services that serve, or do not, together. */
export interface Health {
  readonly methods: readonly Method[];
  /** Watchers hear of a change at once. Nothing serves before the first `setServing(true)`, and nothing after `shutdown`. */
  setServing(serving: boolean): void;
  /** Not serving from now on, and every watcher's stream is ended, so that a drain need not wait for it. */
  shutdown(): void;
}

/** Health of the named services and of the server as a whole (""), not serving at first. */
export function createHealth(services: readonly string[]): Health {
  const known = new Set(["", ...services]);
  const watchers = new Map<Outlet, string>(); // with the service each asked about
  let serving = false;
  let closed = false;

  const statusOf = (service: string): Serving => {
    if (!known.has(service)) return "service_unknown";
    return serving ? "serving" : "not_serving";
  };
  const setServing = (value: boolean): void => {
    if (closed || serving === value) return;
    serving = value;
    for (const [outlet, service] of watchers) if (known.has(service)) outlet.send(encodeHealthCheckResponse(statusOf(service)));
  };
  const watch = (service: string, outlet: Outlet): void => {
    if (watchers.size >= MAX_WATCHERS) throw new StatusError(Code.resourceExhausted, `more than ${MAX_WATCHERS} watchers`);
    outlet.send(encodeHealthCheckResponse(statusOf(service)));
    if (closed) outlet.end(SHUTTING_DOWN);
    else watchers.set(outlet, service);
  };

  return {
    methods: [checkMethod(statusOf), watchMethod(watch, (outlet) => watchers.delete(outlet))],
    setServing,
    shutdown: () => {
      setServing(false);
      closed = true;
      for (const outlet of watchers.keys()) outlet.end(SHUTTING_DOWN);
      watchers.clear();
    },
  };
}

const SHUTTING_DOWN = { code: Code.unavailable, message: "shutting down" };
const NO_MESSAGE = { code: Code.invalidArgument, message: "a watch begins with one message" };

function checkMethod(statusOf: (service: string) => Serving): Method {
  const handle = (message: Uint8Array): Uint8Array => {
    const status = statusOf(decodeService(message));
    // The protocol wants NOT_FOUND here, where a watch says SERVICE_UNKNOWN: such a service may yet appear.
    if (status === "service_unknown") throw new StatusError(Code.notFound, "no such service");
    return encodeHealthCheckResponse(status);
  };
  return { kind: "unary", path: HEALTH_CHECK_PATH, handle };
}

function watchMethod(watch: (service: string, outlet: Outlet) => void, forget: (outlet: Outlet) => void): Method {
  const open = (outlet: Outlet): Inlet => {
    let asked = false;
    return {
      message: (message) => {
        if (asked) return; // a second question is nobody's: the first one stands
        asked = true;
        try {
          watch(decodeService(message), outlet);
        } catch (cause) {
          outlet.end(cause instanceof StatusError ? cause : { code: Code.internal, message: "" });
        }
      },
      end: () => {
        if (!asked) outlet.end(NO_MESSAGE);
      },
      cancel: () => forget(outlet),
    };
  };
  return { kind: "bidi", path: HEALTH_WATCH_PATH, open };
}

function decodeService(message: Uint8Array): string {
  try {
    return decodeHealthCheckRequest(message);
  } catch {
    throw new StatusError(Code.invalidArgument, "not a HealthCheckRequest");
  }
}
