import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askAdmin } from "../support/admin.ts";
import { bringIn, rulesOfVersion, type Seen, startVersionStage, VersionClient, type VersionStage } from "../support/versions.ts";

const REQUESTS = 2_000;
const RELOADS = 8; // each of the four ways twice

let running: VersionStage;
beforeAll(async () => {
  running = await startVersionStage();
});
afterAll(() => running?.stop());

test("a reload while requests come fails none, and every answer is of one whole version", async () => {
  const { stage, targets } = running;
  const { listen, envoy } = JSON.parse(await readFile(stage.file, "utf8"));
  const client = new VersionClient(stage.envoy.port, 16);
  const seen: Seen[] = [];
  let reloading = true;
  const sending = client.send(
    () => reloading || seen.length < REQUESTS,
    (one) => seen.push(one),
  );
  for (let version = 1; version <= RELOADS; version++) {
    await bringIn(version, JSON.stringify({ listen, envoy, ...rulesOfVersion(version, targets) }), stage);
    while (!seen.some((one) => one.version === version)) await sleep(10);
  }
  reloading = false;
  await sending;
  client.close();

  expect(seen.flatMap(({ wrong }) => wrong ?? []).slice(0, 3)).toEqual([]);
  expect(seen.length).toBeGreaterThanOrEqual(REQUESTS);
  expect(new Set(seen.map(({ version }) => version)).size).toBe(RELOADS + 1);
});

test("what is bad changes nothing for requests, and /ready says why", async () => {
  const { stage } = running;
  const client = new VersionClient(stage.envoy.port, 4);
  const before = (await askAdmin(stage.adminSocket, "GET", "/ready")).body;
  const good = await readFile(stage.file, "utf8");
  await writeFile(stage.file, good.replace('"pools"', '"polls"'));
  expect(await askAdmin(stage.adminSocket, "POST", "/reload")).toMatchObject({ status: 422, body: { version: before.version } });
  const seen: Seen[] = [];
  await client.send(
    () => seen.length < 100,
    (one) => seen.push(one),
  );
  client.close();
  expect(seen.filter(({ wrong, version }) => wrong !== undefined || version !== RELOADS)).toEqual([]);
});
