import type { Inlet, Method, Outlet } from "../../../../src/grpc/types.ts";

/** Sees to it that streams hear what Inlet promises, and nothing else. */
export interface Watch {
  readonly methods: readonly Method[];
  /** What was broken so far. */
  readonly broken: readonly string[];
  /** Streams that are not over. */
  open(): number;
}

export function watch(methods: readonly Method[]): Watch {
  const broken: string[] = [];
  let open = 0;
  const watchBidi = (method: Extract<Method, { kind: "bidi" }>): Method => ({
    ...method,
    open: (outlet, call) => {
      let isOver = false;
      let hasClientEnded = false;
      const close = (): void => {
        if (!isOver) open--;
        isOver = true;
      };
      const hear = (what: string): void => {
        if (isOver || (hasClientEnded && what !== "cancel"))
          broken.push(`${method.path}: ${what} after ${isOver ? "it was over" : "the client's end"}`);
      };
      const watched: Outlet = {
        send: (message) => outlet.send(message),
        end: (status) => {
          close();
          outlet.end(status);
        },
      };
      open++;
      const inlet: Inlet = method.open(watched, call);
      return {
        message: (message) => {
          hear("message");
          inlet.message(message);
        },
        end: () => {
          hear("end");
          hasClientEnded = true;
          inlet.end();
        },
        cancel: () => {
          hear("cancel");
          close();
          inlet.cancel();
        },
      };
    },
  });
  return { methods: methods.map((method) => (method.kind === "bidi" ? watchBidi(method) : method)), broken, open: () => open };
}
