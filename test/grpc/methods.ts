import { Code, type Inlet, type Method, type Outlet, StatusError } from "../../src/grpc/types.ts";

/** The methods of the contract's server, and what its streams have heard. */
export interface Peer {
  readonly methods: readonly Method[];
  /** All streams' events in order: open, each message's text, end, cancel. */
  log(): readonly string[];
  /** Resolves once an event was heard `times` times. */
  heard(event: string, times?: number): Promise<void>;
}

/** A new peer for each server. */
export function createPeer(): Peer {
  const log: string[] = [];
  const waiting = new Set<() => void>();
  const hear = (event: string): void => {
    log.push(event);
    for (const wake of waiting) wake();
  };
  const heard = (event: string, times = 1): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        if (log.filter((entry) => entry === event).length < times) return;
        waiting.delete(wake);
        resolve();
      };
      waiting.add(wake);
      wake();
    });
  return { methods: [...unaryMethods, ...bidiMethods(hear)], log: () => log, heard };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refusal = new StatusError(Code.notFound, "no such thing: café");
const text = (message: Uint8Array): string => Buffer.from(message).toString();

const unaryMethods: readonly Method[] = [
  { kind: "unary", path: "/test.S/Echo", handle: (message) => message },
  { kind: "unary", path: "/test.S/EchoLate", handle: (message) => tick().then(() => message) },
  { kind: "unary", path: "/test.S/Refuse", handle: () => fail(refusal) },
  { kind: "unary", path: "/test.S/RefuseLate", handle: () => Promise.reject(refusal) },
  { kind: "unary", path: "/test.S/Break", handle: () => fail(new Error("secret")) },
  {
    kind: "unary",
    path: "/test.S/Metadata",
    handle: (message, { metadata }) => Buffer.from(metadata.get(text(message)) ?? "(none)", "latin1"),
  },
];

function fail(cause: Error): never {
  throw cause;
}

const bidiMethods = (hear: (event: string) => void): readonly Method[] => {
  const bidi = (path: string, inlet: (outlet: Outlet) => Partial<Inlet>): Method => ({
    kind: "bidi",
    path,
    open: (outlet) => {
      hear("open");
      return listen(hear, inlet(outlet));
    },
  });
  return [
    bidi("/test.S/Chat", chat),
    bidi("/test.S/ChatLate", (outlet) => {
      let last = Promise.resolve();
      const later = (step: () => void): void => {
        last = last.then(tick).then(step);
      };
      return { message: (message) => later(() => outlet.send(message)), end: () => later(() => outlet.end()) };
    }),
    bidi("/test.S/Hold", () => ({})),
    bidi("/test.S/Overdo", (outlet) => {
      outlet.send(Buffer.from("once"));
      outlet.end();
      outlet.send(Buffer.from("twice"));
      outlet.end({ code: Code.internal, message: "twice" });
      return {};
    }),
    {
      kind: "bidi",
      path: "/test.S/Greet",
      open: (outlet, { metadata }) => {
        outlet.send(Buffer.from(metadata.get("greeting") ?? "(none)"));
        return listen(() => undefined, {});
      },
    },
  ];
};

const chat = (outlet: Outlet): Partial<Inlet> => ({
  message: (message) => {
    if (text(message) === "quit") outlet.end({ code: Code.resourceExhausted, message: "as you wish" });
    else if (text(message) === "break") throw new Error("secret");
    else outlet.send(message);
  },
  end: () => outlet.end(),
});

const listen = (hear: (event: string) => void, { message, end, cancel }: Partial<Inlet>): Inlet => ({
  message: (bytes) => {
    hear(text(bytes.subarray(0, 100)));
    message?.(bytes);
  },
  end: () => {
    hear("end");
    end?.();
  },
  cancel: () => {
    hear("cancel");
    cancel?.();
  },
});
