import { constants, setPriority } from "node:os";
import { workerData } from "node:worker_threads";
import { split } from "./pieces.ts";
import type { Order } from "./rules-aside.ts";
import { readRulesAnew } from "./rules-file.ts";

/** The thread of `readRulesAside`: reads one file, leaves what came of it in the port, and ends. */
const { path, env, port }: Order = workerData;
yieldToRequests();
for (const piece of split(await readRulesAnew(path, env))) port.postMessage(piece);

/** Where cores are scarce, requests come before a reload. On Linux alone a priority is the thread's own. */
function yieldToRequests(): void {
  if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
