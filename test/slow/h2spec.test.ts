import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createGrpcJsServer } from "../../src/grpc/grpc-js.ts";
import { createOwnServer } from "../../src/grpc/own.ts";
import type { CreateGrpcServer, TlsMaterial } from "../../src/grpc/types.ts";
import { certificatesMissing, makeCertificates, readIdentity } from "../support/certificates.ts";
import { buildH2spec, type H2specReport, runH2spec } from "./support/h2spec.ts";

const CASES = 146; // of h2spec 2.2.1, strict ones included

describe("h2spec", () => {
  let built: Awaited<ReturnType<typeof buildH2spec>>;
  beforeAll(async () => {
    built = await buildH2spec();
  });

  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** h2spec asks for `GET /`, which is no call; any HTTP answer will do, if its body has five bytes or more. */
  async function examine(create: CreateGrpcServer, specs: readonly string[], tls?: TlsMaterial): Promise<H2specReport> {
    if ("missing" in built) throw new Error(built.missing);
    const server = create([]);
    undo.push(() => server.drain(0));
    const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, tls);
    const port = address.kind === "tcp" ? address.port : 0;
    return runH2spec({ binary: built.binary, port, specs, tls: tls !== undefined });
  }
  const whyNot = (): string | undefined => ("missing" in built ? built.missing : undefined);
  const everything = ["generic", "http2", "hpack"];

  test("riffle's own transport passes every case of the sections generic, http2 and hpack", async ({ skip }) => {
    skip(whyNot() !== undefined, whyNot());
    expect(await examine(createOwnServer, everything)).toEqual({ cases: CASES, failed: [], skipped: [] });
  });

  test("by TLS too", async ({ skip }) => {
    skip((whyNot() ?? certificatesMissing) !== undefined, whyNot() ?? certificatesMissing);
    const made = await makeCertificates();
    undo.push(() => made.remove());
    expect(await examine(createOwnServer, everything, await readIdentity(made.server))).toEqual({ cases: CASES, failed: [], skipped: [] });
  });

  test("a server that breaks the rules is found out: Node's own HTTP/2, below grpc-js", async ({ skip }) => {
    skip(whyNot() !== undefined, whyNot());
    const { failed } = await examine(createGrpcJsServer, ["http2/5.1"]);
    expect(failed).toContainEqual(
      expect.stringMatching(/^http2\/5\.1: closed: Sends a DATA frame after sending RST_STREAM frame: .*Timeout$/),
    );
  });
});
