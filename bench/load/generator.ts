// The load generator: a process of its own, so that its CPU is known and nothing else delays it. Started by worker.ts.
import { requestBytes } from "./customers.ts";
import { Load } from "./load.ts";
import type { LoadOrder, LoadReport } from "./messages.ts";
import { serveOrders } from "./serve-orders.ts";

let load: Load | undefined;

serveOrders<LoadOrder, LoadReport>(async (order) => {
  switch (order.kind) {
    case "open":
      load = new Load(order.port, requestBytes(), order.connections);
      await load.open();
      return {};
    case "run":
      if (load === undefined) throw new Error("told to run before it was told where");
      return { result: await load.run(order.seconds) };
    case "close":
      load?.close();
      return {};
  }
});
