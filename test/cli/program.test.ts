import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificatesMissing, type Identity, makeCertificates } from "../support/certificates.ts";
import { runRiffle, startRiffle } from "../support/riffle.ts";
import { eight } from "../support/rules.ts";
import { TRANSPORTS } from "../support/transports.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
const pools = {
  backends: { ...eight, targets: eight.targets.map((target, index) => ({ ...target, address: `127.0.0.1:${7001 + index}` })) },
};
const acme = ["--header", "x-customer-id: acme"];

describe("what a user can get wrong is one clear line a mistake on stderr, exit code 1, and nothing on stdout", () => {
  test.each<[string, string, RegExp]>([
    ["malformed YAML", "pools: [", /bad\.yaml:\d+:\d+: /],
    ["duplicate target ids", "pools: { p: { targets: [{ id: a }, { id: a }] } }", /bad\.yaml:1:\d+: .*a/],
    ["a dangling cluster name", "virtual_hosts: [{ routes: [{ target: { cluster: gone } }] }]", /bad\.yaml:1:\d+: .*gone/],
    ["a size of 0", "pools: { p: { targets: [{ id: a }], shard: { size: 0 } } }", /bad\.yaml:1:\d+: /],
    ["an unknown key", "polls: {}", /bad\.yaml:1:1: .*pools/],
  ])("%s, in check, serve, explain and envoy alike", async (_, yaml, line) => {
    const path = await file("bad.yaml", yaml);
    for (const args of [
      ["check", path],
      ["serve", "--config", path],
      ["explain", "GET", "/", "--config", path],
      ["envoy", "--config", path],
    ]) {
      const { code, stdout, stderr } = await runRiffle(args);
      expect({ code, stdout, args }).toEqual({ code: 1, stdout: "", args });
      expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
    }
  });

  test("all mistakes of a file at once", async () => {
    const path = await file("bad.yaml", "polls: {}\npools:\n  P: { targets: [] }\ncustomer: { missing: maybe }\n");
    const { code, stderr } = await runRiffle(["check", path]);
    expect(code).toBe(1);
    expect(stderr.match(/bad\.yaml:\d+:\d+: /g)?.length).toBeGreaterThanOrEqual(3);
  });

  test.each<[string, () => Promise<string[]>, RegExp]>([
    ["a file that is not there", async () => ["check", join(folder, "none.yaml")], /none\.yaml: there is no such file/],
    ["a folder", async () => ["check", folder], /is a folder/],
    ["a flag that does not exist", async () => ["check", "--nope"], /unknown option '--nope'/],
    ["a command that does not exist", async () => ["nope"], /unknown command 'nope'|too many arguments/],
    ["no URL", async () => ["explain", "GET", "::", "--config", await file("ok.yaml", { pools })], /not a URL/],
    [
      "no target",
      async () => ["explain", "GET", "/", "--ejected", "nobody", "--config", await file("ok.yaml", { pools })],
      /--ejected nobody: no pool has such a target/,
    ],
    ["no header", async () => ["explain", "GET", "/", "--header", "nope", "--config", await file("ok.yaml", { pools })], /not a header/],
    ["an Envoy nobody knows", async () => ["envoy", "--envoy", "0.1", "--config", await file("ok.yaml", { pools })], /--envoy "0\.1"/],
    ["nobody listening", async () => ["check", "--live", `unix:${join(folder, "none.sock")}`], /no answer: .*is riffle listening there\?/],
  ])("%s", async (_, args, line) => {
    const { code, stdout, stderr } = await runRiffle(await args());
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(line);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("a port in use: nothing is half started", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const path = await file("taken.yaml", {
      listen: { grpc: [`unix:${join(folder, "half.sock")}`, `127.0.0.1:${port}`], admin: "off" },
      pools,
    });
    const { code, stdout, stderr } = await runRiffle(["serve", "--config", path]);
    taken.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(new RegExp(`^riffle: .*127\\.0\\.0\\.1:${port}`))]);
    const live = await runRiffle(["check", "--live", `unix:${join(folder, "half.sock")}`]);
    expect(live.code).toBe(1);
  });

  test.each<[string, string[], RegExp]>([
    ["a certificate without its key", ["--ca", "ca", "--cert", "cert"], /--cert and --key go together/],
    ["a certificate without a CA", ["--cert", "cert", "--key", "key"], /--cert without --ca/],
    ["a CA that is not there", ["--ca", "none.pem"], /--ca none\.pem: cannot be read \(ENOENT\)/],
    ["a CA that is none", ["--ca", "package.json"], /no answer: /],
    [
      "a key that is none",
      ["--ca", "package.json", "--cert", "package.json", "--key", "package.json"],
      /--ca, --cert or --key: not usable/,
    ],
  ])("%s, in check --live", async (_, flags, line) => {
    const { code, stdout, stderr } = await runRiffle(["check", "--live", "127.0.0.1:1", ...flags]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
  });

  test("a listener's certificate that is not there, in serve", async () => {
    const listen = { grpc: [{ address: "127.0.0.1:0", tls: { cert: "none.pem", key: "none.key" } }] };
    const path = await file("tls.yaml", { listen, envoy: { tls: { ca: "/ca.pem" } }, pools });
    const { code, stdout, stderr } = await runRiffle(["serve", "--config", path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual(
      ["pem", "key"].map((end) => `riffle: ${join(folder, `none.${end}`)}: there is no such file; correct its path`),
    );
  });

  test("no Envoy, and none to be installed", async () => {
    const { code, stdout, stderr } = await runRiffle(["demo", "--exit"], { ENVOY_BIN: join(folder, "none") });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^riffle: ENVOY_BIN=.* is not an executable file: .*\n$/);
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read (root may read any)", async () => {
    const path = await file("secret.yaml", {});
    await chmod(path, 0o000);
    const { code, stderr } = await runRiffle(["check", path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/may not be read/);
  });
});

describe("what works is said on stdout, with exit code 0", () => {
  test("check counts what the file holds; a size larger than the pool is clamped with a warning on stderr", async () => {
    const path = await file("large.yaml", { pools: { backends: { ...pools.backends, shard: { size: 20, salt: "pepper" } } } });
    const { code, stdout, stderr } = await runRiffle(["check", path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^.*large\.yaml: ok \(pools: 1, targets: 8, routes: 1; version [0-9a-f]{16}\)\n$/);
    expect(stderr).toMatch(/^riffle: warning: .*large\.yaml:1:\d+: /);
  });

  test.each([
    ["--help"],
    ["serve", "--help"],
    ["check", "--help"],
    ["explain", "--help"],
    ["envoy", "--help"],
    ["simulate", "--help"],
    ["demo", "--help"],
  ])("%s %s", async (...args) => {
    const { code, stdout, stderr } = await runRiffle(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: riffle /);
  });

  test("--version", async () => {
    expect(await runRiffle(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test("a symbolic link to the program runs it too, as npm installs it", async () => {
    const path = join(folder, "riffle");
    await symlink(join(import.meta.dirname, "..", "..", "src", "main.ts"), path);
    expect((await runRiffle(["--version"])).code).toBe(0);
  });
});

describe("a running riffle", () => {
  test.skipIf(certificatesMissing !== undefined).each(TRANSPORTS)(
    `with client_ca answers a check with a certificate, and no other (%s)${certificatesMissing ? ` (${certificatesMissing})` : ""}`,
    async (transport) => {
      const made = await makeCertificates();
      const listen = { grpc: { address: "127.0.0.1:0", tls: { ...made.server, client_ca: made.ca } }, transport, admin: "off" };
      const path = await file(`mtls-${transport}.yaml`, { listen, envoy: { tls: { ca: made.ca, ...made.client } }, pools });
      const riffle = startRiffle(["serve", "--config", path]);
      const { address } = (await riffle.saysMatch(/"grpc":\["(?<address>[^"]+)"\]/)).groups ?? {};
      const ask = (...flags: string[]) => runRiffle(["check", "--live", address ?? "", ...acme, ...flags]);
      const own = (who: Identity): string[] => ["--cert", who.cert, "--key", who.key];
      expect(await ask("--ca", made.ca, ...own(made.client))).toMatchObject({ code: 0, stdout: expect.stringContaining("goes on") });
      const refused = [["--ca", made.ca], ["--ca", made.ca, ...own(made.stranger)], ["--ca", made.strangerCa, ...own(made.client)], []];
      for (const answer of await Promise.all(refused.map((flags) => ask(...flags)))) {
        expect(answer).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^riffle: .*no answer: .*\n$/) });
      }
      riffle.child.kill("SIGTERM");
      riffle.child.kill("SIGINT");
      expect((await riffle.finished).code).toBe(0);
      await made.remove();
    },
  );

  test("answers `check --live` with what `explain` says, shows no salt, and goes when told", async () => {
    const socket = `unix:${join(folder, "live.sock")}`;
    const path = await file("live.yaml", { listen: { grpc: socket, admin: "off" }, envoy: { health_interval: "10ms" }, pools });
    const riffle = startRiffle(["serve", "--config", path]);
    await riffle.says('"serving"');
    const live = await runRiffle(["check", "--live", socket, "--json", ...acme]);
    expect(live.code).toBe(0);
    const explained = JSON.parse((await runRiffle(["explain", "GET", "/", "--config", path, "--json", ...acme])).stdout);
    const { health, set, clearsRouteCache } = JSON.parse(live.stdout);
    expect({ health, clearsRouteCache }).toEqual({ health: "serving", clearsRouteCache: true });
    expect(explained.shard.members).toContain(set["x-target-cluster"]);

    const refused = await runRiffle(["check", "--live", socket]);
    expect(refused.stdout).toMatch(/refused with 400: riffle_no_customer/);

    riffle.child.kill("SIGTERM");
    const { code, stdout, stderr } = await riffle.finished;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).not.toContain("pepper");
  });
});
