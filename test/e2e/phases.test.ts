import { afterEach, describe, expect, test } from "vitest";
import { type Stage, startStage, targetsOf } from "../support/stage.ts";

let stage: Stage;
afterEach(() => stage?.stop());

/** A stage whose Envoy shows riffle these phases of every exchange. */
async function showing(modes: Readonly<Record<string, string>>, more: (config: string) => string = (config) => config): Promise<void> {
  const adapt = (config: string): string =>
    more(Object.entries(modes).reduce((text, [mode, value]) => text.replace(new RegExp(`${mode}: \\w+`), `${mode}: ${value}`), config));
  stage = await startStage({ rules: (backends) => ({ pools: { backends: { targets: targetsOf(backends) } } }), adapt });
}

const post = (bytes: number) => ({ method: "POST", path: "/orders", headers: { "x-customer-id": "acme" }, body: "b".repeat(bytes) });
const every = { request_header_mode: "SEND", response_header_mode: "SEND", request_trailer_mode: "SEND", response_trailer_mode: "SEND" };

describe("whatever phases an Envoy shows, each message gets its reply and the exchange passes unchanged", () => {
  test.each([
    ["headers of the response too", { response_header_mode: "SEND" }],
    ["everything, bodies streamed", { ...every, request_body_mode: "STREAMED", response_body_mode: "STREAMED" }],
    ["everything, bodies buffered", { ...every, request_body_mode: "BUFFERED", response_body_mode: "BUFFERED" }],
    ["everything, bodies buffered in part", { ...every, request_body_mode: "BUFFERED_PARTIAL", response_body_mode: "BUFFERED_PARTIAL" }],
  ])("%s", async (_, modes) => {
    await showing(modes);
    const client = stage.client();
    const sizes = [0, 1, 10_000, 500_000];
    const hits = await Promise.all(sizes.map((bytes) => client.send(post(bytes))));
    expect(hits.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(hits.map(({ body }) => JSON.parse(body).received)).toEqual(sizes);
    expect(await stage.envoy.stat("http.ingress.ext_proc.streams_failed")).toBe(0);
    expect(await stage.envoy.stat("http.ingress.ext_proc.spurious_msgs_received")).toBe(0);
    client.close();
  });

  test("in observability mode nothing is answered, and Envoy's own route decides", async () => {
    await showing({}, (config) => config.replace("message_timeout:", "observability_mode: true\n              message_timeout:"));
    const client = stage.client();
    expect(await client.send(post(10))).toMatchObject({ status: 503, servedBy: undefined });
    expect(await stage.envoy.stat("http.ingress.ext_proc.stream_msgs_sent")).toBeGreaterThan(0);
    expect(await stage.envoy.stat("http.ingress.ext_proc.stream_msgs_received")).toBe(0);
    client.close();
  });
});
