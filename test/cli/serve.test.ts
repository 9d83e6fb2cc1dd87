import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askAdmin, untilReady } from "../support/admin.ts";
import { type Running, runRiffle, startRiffle } from "../support/riffle.ts";
import { eight } from "../support/rules.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-serve-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => join(folder, "riffle.yaml");
const admin = (): string => join(folder, "admin.sock");
const SALT = "nobody-may-see-this";

/** The rules, with a shard of so many targets. */
const rules = (size: unknown, more: object = {}): string =>
  JSON.stringify({
    listen: { grpc: "unix:grpc.sock", admin: "unix:admin.sock", ...more },
    envoy: { health_interval: "10ms" },
    pools: { backends: { ...eight, shard: { size, salt: SALT } } },
  });

/** By a rename, so that no half of it is ever read. */
async function write(content: string): Promise<void> {
  await writeFile(`${file()}.new`, content);
  await rename(`${file()}.new`, file());
}

async function start(): Promise<Running> {
  await write(rules(2));
  const riffle = startRiffle(["serve", "--config", file()]);
  await riffle.says('"msg":"serving"');
  return riffle;
}

describe("a running riffle", () => {
  test("keeps the last good rules when told of bad ones, says why in /ready, and takes them once they are mended", async () => {
    const riffle = await start();
    const before = await askAdmin(admin(), "GET", "/ready");
    expect(before).toMatchObject({ status: 200, body: { ready: true, phase: "serving", reload: null } });
    const { version } = before.body;

    await write(rules(0));
    riffle.child.kill("SIGHUP");
    const failed = await untilReady(admin(), ({ reload }) => reload?.ok === false);
    expect(failed).toMatchObject({ ready: true, version, reload: { outcome: "failed", version } });
    expect(failed.reload?.problems).toEqual([expect.stringMatching(/riffle\.yaml:1:\d+: .*size/)]);

    await write(rules(3));
    riffle.child.kill("SIGHUP");
    const mended = await untilReady(admin(), ({ reload }) => reload?.ok === true);
    expect(mended).toMatchObject({ ready: true, reload: { problems: [], version: mended.version } });
    expect(mended.version).not.toBe(version);

    riffle.child.kill("SIGTERM");
    const { code, stderr } = await riffle.finished;
    expect(code).toBe(0);
    expect(stderr.match(/reload failed/g)).toHaveLength(1); // though the watch and the signal both asked
    expect(stderr).not.toContain(SALT);
  });

  test("tells who sends POST /reload what came of it", async () => {
    const riffle = await start();
    expect(await askAdmin(admin(), "POST", "/reload")).toMatchObject({ status: 200, body: { ok: true, outcome: "unchanged" } });
    await write("pools: [");
    const failed = await askAdmin(admin(), "POST", "/reload");
    expect(failed).toMatchObject({ status: 422, body: { ok: false, outcome: "failed" } });
    expect(failed.body.problems?.length).toBeGreaterThan(0);
    await rm(file());
    expect((await askAdmin(admin(), "POST", "/reload")).body.problems).toEqual([expect.stringMatching(/there is no such file/)]);
    await write(rules(3, { transport: "grpc-js" }));
    const applied = await askAdmin(admin(), "POST", "/reload");
    expect(applied).toMatchObject({
      status: 200,
      body: { ok: true, warnings: expect.arrayContaining([expect.stringMatching(/listen\.transport.*restart/)]) },
    });
    expect(JSON.stringify([failed, applied])).not.toContain(SALT);
    riffle.child.kill("SIGTERM");
    expect((await riffle.finished).code).toBe(0);
  });

  test("notices a new file by itself", async () => {
    const riffle = await start();
    const { version } = (await askAdmin(admin(), "GET", "/ready")).body;
    await write(rules(4));
    const after = await untilReady(admin(), (body) => body.version !== version);
    expect(after).toMatchObject({ ready: true, reload: { outcome: "applied", trigger: "the file changed" } });
    riffle.child.kill("SIGTERM");
    expect((await riffle.finished).code).toBe(0);
  });

  test("is alive and not ready while it drains", async () => {
    const riffle = await start();
    await write(rules(2).replace("10ms", "1s")); // for so long, three times, the drain waits
    expect((await askAdmin(admin(), "POST", "/reload")).status).toBe(200);
    riffle.child.kill("SIGTERM");
    await riffle.says("draining");
    await sleep(500); // with the interval of the start it would be gone by now
    expect(await askAdmin(admin(), "GET", "/ready")).toMatchObject({ status: 503, body: { ready: false, phase: "draining" } });
    riffle.child.kill("SIGTERM");
    expect((await riffle.finished).code).toBe(0);
    await expect(askAdmin(admin(), "GET", "/ready")).rejects.toThrow("ENOENT");
  });
});

test("an admin address that is taken is one line on stderr, and nothing is half started", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  await write(rules(2, { admin: `127.0.0.1:${port}` }));
  const { code, stdout, stderr } = await runRiffle(["serve", "--config", file()]);
  taken.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(/^riffle: listen\.admin: .*already in use/)]);
});

test("a gRPC address that is taken leaves no admin listener behind", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  await write(rules(2, { grpc: `127.0.0.1:${port}` }));
  const { code } = await runRiffle(["serve", "--config", file()]);
  taken.close();
  expect(code).toBe(1);
  await expect(askAdmin(admin(), "GET", "/live")).rejects.toThrow("ENOENT");
});
