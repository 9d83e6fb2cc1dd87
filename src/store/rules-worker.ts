import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { split } from "./pieces.ts";
import type { Order } from "./rules-aside.ts";
import { readRulesAnew } from "./rules-file.ts";

/** The thread of RulesReader: reads one file after the other, leaves what comes of each in its port, and says so. */
yieldToRequests();
parentPort?.on("message", async ({ path, env, port }: Order) => {
  for (const piece of split(await readRulesAnew(path, env))) port.postMessage(piece);
  parentPort?.postMessage("done");
});

/** Where cores are scarce, requests come before a reload. On Linux alone a priority is the thread's own. */
function yieldToRequests(): void {
  if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
