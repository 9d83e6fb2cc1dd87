import { describe, expect, test } from "vitest";
import { createGrpcJsServer } from "../../src/grpc/grpc-js.ts";
import { Code, type Method, StatusError } from "../../src/grpc/types.ts";
import { createHealth, type Health, MAX_WATCHERS } from "../../src/serve/health.ts";
import { decodeHealthCheckResponse, encodeHealthCheckRequest, HEALTH_CHECK_PATH, HEALTH_WATCH_PATH } from "../../src/wire/health.ts";
import { connect } from "../grpc/client.ts";
import { openStream } from "./side.ts";

const SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor";
const call = { metadata: { get: () => undefined } };

const find = ({ methods }: Health, path: string): Method => {
  const method = methods.find((each) => each.path === path);
  if (method === undefined) throw new Error(`no ${path}`);
  return method;
};

async function check(health: Health, message: Uint8Array): Promise<string> {
  const method = find(health, HEALTH_CHECK_PATH);
  if (method.kind !== "unary") throw new Error("not unary");
  return decodeHealthCheckResponse(await method.handle(message, call));
}

function watch(health: Health, service: string) {
  const stream = openStream(find(health, HEALTH_WATCH_PATH));
  stream.message(encodeHealthCheckRequest(service));
  return { ...stream, statuses: () => stream.heard.sent.map(decodeHealthCheckResponse), ended: () => stream.heard.status?.code };
}

describe("a check", () => {
  test.each(["", SERVICE])("of %j follows the server: not serving before it is ready, then serving, then not", async (service) => {
    const health = createHealth([SERVICE]);
    const seen = [await check(health, encodeHealthCheckRequest(service))];
    for (const serving of [true, false, true]) {
      health.setServing(serving);
      seen.push(await check(health, encodeHealthCheckRequest(service)));
    }
    expect(seen).toEqual(["not_serving", "serving", "not_serving", "serving"]);
  });
  test("of a service nobody has is NOT_FOUND", async () => {
    const error = await check(createHealth([SERVICE]), encodeHealthCheckRequest("other")).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ code: Code.notFound });
  });
  test("that cannot be read is INVALID_ARGUMENT", async () => {
    await expect(check(createHealth([]), Buffer.of(0x0a, 5))).rejects.toMatchObject({ code: Code.invalidArgument });
  });
  test("after shutdown says not serving, whatever is set", async () => {
    const health = createHealth([SERVICE]);
    health.setServing(true);
    health.shutdown();
    health.setServing(true);
    expect(await check(health, encodeHealthCheckRequest(SERVICE))).toBe("not_serving");
  });
});

describe("a watch", () => {
  test("hears the status of now at once, then each change, and no repetition", () => {
    const health = createHealth([SERVICE]);
    const watcher = watch(health, SERVICE);
    expect(watcher.statuses()).toEqual(["not_serving"]);
    for (const serving of [true, true, false, false, true]) health.setServing(serving);
    expect(watcher.statuses()).toEqual(["not_serving", "serving", "not_serving", "serving"]);
    expect(watcher.ended()).toBeUndefined();
  });
  test("of a service nobody has hears SERVICE_UNKNOWN once, and stays", () => {
    const health = createHealth([SERVICE]);
    const watcher = watch(health, "other");
    health.setServing(true);
    expect(watcher.statuses()).toEqual(["service_unknown"]);
    expect(watcher.ended()).toBeUndefined();
  });
  test("goes on after the client's end, for it has asked all it wants", () => {
    const health = createHealth([SERVICE]);
    const watcher = watch(health, SERVICE);
    watcher.end();
    health.setServing(true);
    expect(watcher.statuses()).toEqual(["not_serving", "serving"]);
  });
  test("that is cancelled hears nothing more", () => {
    const health = createHealth([SERVICE]);
    const watcher = watch(health, SERVICE);
    watcher.cancel();
    health.setServing(true);
    expect(watcher.statuses()).toEqual(["not_serving"]);
  });
  test("without a question, or with one that cannot be read, is INVALID_ARGUMENT", () => {
    const method = find(createHealth([]), HEALTH_WATCH_PATH);
    const [silent, garbled] = [openStream(method), openStream(method)];
    silent.end();
    garbled.message(Buffer.of(0x0a, 5));
    for (const { heard } of [silent, garbled]) expect(heard).toMatchObject({ sent: [], status: { code: Code.invalidArgument } });
  });
  test("beyond the bound is refused, until another ends", () => {
    const health = createHealth([SERVICE]);
    const watchers = Array.from({ length: MAX_WATCHERS }, () => watch(health, SERVICE));
    expect(watch(health, SERVICE)).toMatchObject({ heard: { status: { code: Code.resourceExhausted } } });
    watchers[0]?.cancel();
    expect(watch(health, SERVICE).statuses()).toEqual(["not_serving"]);
  });
  test("is ended by shutdown, after hearing of it; so is a later one", () => {
    const health = createHealth([SERVICE]);
    health.setServing(true);
    const watchers = [watch(health, SERVICE), watch(health, "other")];
    health.shutdown();
    health.shutdown();
    expect(watchers.map((watcher) => watcher.statuses())).toEqual([["serving", "not_serving"], ["service_unknown"]]);
    for (const watcher of [...watchers, watch(health, SERVICE)]) expect(watcher.ended()).toBe(Code.unavailable);
  });
});

test("over a real connection a watch hears each change, and holds no drain up", async () => {
  const health = createHealth([SERVICE]);
  const server = createGrpcJsServer(health.methods);
  const client = connect(await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }));
  const stream = client.stream(HEALTH_WATCH_PATH);
  stream.send(encodeHealthCheckRequest(SERVICE));
  stream.end();
  const next = async () => decodeHealthCheckResponse(Buffer.from(await stream.next()));
  expect(await next()).toBe("not_serving");
  health.setServing(true);
  expect(await next()).toBe("serving");
  health.shutdown();
  await server.drain(60_000);
  expect(await next()).toBe("not_serving");
  expect((await stream.status).code).toBe(Code.unavailable);
  client.close();
}, 10_000);
