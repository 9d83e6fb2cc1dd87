import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startChild } from "./child.ts";

/** A running Envoy, its ports as it chose them. */
export interface Envoy {
  readonly child: Child;
  readonly port: number; // of its first listener
  readonly adminPort: number;
  /** A counter or gauge of its admin interface; 0 when it does not exist yet. */
  stat(name: string): Promise<number>;
}

export interface RunOptions {
  readonly binary: string;
  readonly config: string; // bootstrap YAML, its admin listener on loopback
  readonly folder: string; // for the files it needs; the caller removes it
  readonly deadlineMs?: number;
}

/**
 * Starts a real Envoy; resolves once it serves. Ports may be 0 in the configuration. Rejects with what Envoy said last when
 * it does not come up; nothing is left running then.
 */
export async function runEnvoy({ binary, config, folder, deadlineMs = 20_000 }: RunOptions): Promise<Envoy> {
  const name = join(folder, `envoy-${randomUUID()}`);
  await writeFile(`${name}.yaml`, config);
  const child = startChild(binary, [
    ...["--config-path", `${name}.yaml`, "--admin-address-path", `${name}.admin`],
    ...["--disable-hot-restart", "--concurrency", "2", "--log-level", "warning"],
  ]);
  const died = child.ended.then(() => Promise.reject(new Error(`Envoy did not start: ${child.lastWords()}`)));
  const expiry = AbortSignal.timeout(deadlineMs);
  try {
    const adminPort = await Promise.race([died, until(() => adminPortOf(`${name}.admin`), expiry)]);
    const port = await Promise.race([died, until(() => listenerPort(adminPort), expiry)]);
    return { child, port, adminPort, stat: (stat) => readStat(adminPort, stat) };
  } catch (cause) {
    await child.stop();
    throw cause;
  }
}

/** Asks again every few milliseconds until there is an answer; Envoy offers nothing to wait on. */
export async function until<T>(ask: () => Promise<T | undefined>, expiry: AbortSignal): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(20, undefined, { signal: expiry });
  }
}

async function adminPortOf(file: string): Promise<number | undefined> {
  const port = Number((await readFile(file, "utf8")).split(":").at(-1));
  return port > 0 ? port : undefined;
}

async function listenerPort(adminPort: number): Promise<number | undefined> {
  const ready = await fetch(`http://127.0.0.1:${adminPort}/ready`);
  await ready.arrayBuffer();
  if (ready.status !== 200) return undefined;
  const { listener_statuses: listeners } = (await (await fetch(`http://127.0.0.1:${adminPort}/listeners?format=json`)).json()) as {
    listener_statuses?: { local_address?: { socket_address?: { port_value?: number } } }[];
  };
  return listeners?.[0]?.local_address?.socket_address?.port_value;
}

async function readStat(adminPort: number, name: string): Promise<number> {
  const query = `usedonly&filter=${encodeURIComponent(`^${name.replaceAll(".", "\\.")}$`)}`;
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/stats?${query}`)).text();
  return Number(/: (\d+)/.exec(text)?.[1] ?? 0);
}
