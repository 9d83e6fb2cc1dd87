import { describe, expect, test } from "vitest";
import type { Keeper } from "../../src/grpc/call.ts";
import { type Call, Code, type Inlet, type Method, type Status, StatusError } from "../../src/grpc/types.ts";
import { opener } from "../../src/grpc/unary.ts";

const CALL: Call = { metadata: { get: (name) => `the ${name}` } };
const text = (message: Uint8Array): string => Buffer.from(message).toString();
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A unary call without a transport: what its client was told, and how often its method was asked. */
function open(handle: (message: Uint8Array, call: Call) => Uint8Array | Promise<Uint8Array>) {
  const told: (string | Status | undefined)[] = [];
  const asked: string[] = [];
  let kept = 0;
  const outlet: Keeper = {
    send: (message) => void told.push(text(message)),
    end: (status) => void told.push(status),
    keep: (message) => {
      kept += message.length;
      return Buffer.from(message);
    },
  };
  const method: Method = {
    kind: "unary",
    path: "/a.B/C",
    handle: (message, call) => {
      asked.push(text(message));
      return handle(message, call);
    },
  };
  return { inlet: opener(method)(outlet, CALL), told, asked, kept: () => kept };
}

function say({ inlet }: { readonly inlet: Inlet }, ...messages: readonly string[]): void {
  for (const message of messages) inlet.message(Buffer.from(message));
}

describe("a unary call", () => {
  test("is answered when its one message has come and the client has ended, not before", () => {
    const call = open((message) => Buffer.from(`${text(message)}, too`));
    say(call, "hello");
    expect([call.told, call.asked, call.kept()]).toEqual([[], [], 5]);
    call.inlet.end();
    expect([call.told, call.asked]).toEqual([["hello, too", undefined], ["hello"]]);
  });
  test("hands its metadata to the method", () => {
    const call = open((_, { metadata }) => Buffer.from(metadata.get("x") ?? ""));
    say(call, "");
    call.inlet.end();
    expect(call.told[0]).toBe("the x");
  });
  test("of no message is UNIMPLEMENTED, and the method is not asked", () => {
    const call = open((message) => message);
    call.inlet.end();
    expect([call.told, call.asked]).toEqual([[expect.objectContaining({ code: Code.unimplemented })], []]);
  });
  test("of two messages is UNIMPLEMENTED with the second, and the method is not asked", () => {
    const call = open((message) => message);
    say(call, "one", "two");
    expect([call.told, call.asked]).toEqual([[expect.objectContaining({ code: Code.unimplemented })], []]);
  });
  test.each<[string, (message: Uint8Array) => Uint8Array | Promise<Uint8Array>]>([
    ["throws", () => fail(new StatusError(Code.notFound, "none"))],
    ["rejects", () => Promise.reject(new StatusError(Code.notFound, "none"))],
    ["rejects late", () => tick().then(() => fail(new StatusError(Code.notFound, "none")))],
  ])("ends with the status that its method %s, and no message", async (_, handle) => {
    const call = open(handle);
    say(call, "");
    call.inlet.end();
    await tick();
    await tick();
    expect(call.told).toEqual([expect.objectContaining({ code: Code.notFound, message: "none" })]);
  });
  test.each<[string, (message: Uint8Array) => Uint8Array | Promise<Uint8Array>]>([
    ["throws", () => fail(new Error("secret"))],
    ["rejects with", () => Promise.reject(new Error("secret"))],
    ["rejects with, and it is no Error", () => Promise.reject("secret")],
  ])("ends with INTERNAL and nothing of the error that its method %s", async (_, handle) => {
    const call = open(handle);
    say(call, "");
    call.inlet.end();
    await tick();
    expect(call.told).toEqual([{ code: Code.internal, message: "internal error" }]);
  });
  test("answered late is answered once, and what comes after a cancel is the transport's to drop", async () => {
    const call = open((message) => tick().then(() => message));
    say(call, "late");
    call.inlet.end();
    call.inlet.cancel();
    expect(call.told).toEqual([]);
    await tick();
    await tick();
    expect(call.told).toEqual(["late", undefined]);
  });
});

test("a method that is a stream is opened as it is", () => {
  const inlet: Inlet = { message: () => {}, end: () => {}, cancel: () => {} };
  const outlet: Keeper = { send: () => {}, end: () => {}, keep: (message) => message };
  const given: Method = {
    kind: "bidi",
    path: "/a.B/C",
    open: (...args) => {
      expect(args).toEqual([outlet, CALL]);
      return inlet;
    },
  };
  expect(opener(given)(outlet, CALL)).toBe(inlet);
});

function fail(cause: Error): never {
  throw cause;
}
