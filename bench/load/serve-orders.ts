/**
 * The side of a worker process: answers each order of its parent with one report, and ends when the parent is gone. An
 * order that fails ends the process, its reason on stderr.
 */
export function serveOrders<Order, Report>(handle: (order: Order) => Promise<Report>): void {
  process.on("message", (order) => {
    handle(order as Order).then(
      (report) => process.send?.(report),
      (cause: unknown) => {
        console.error(cause instanceof Error ? cause.message : cause);
        process.exit(1);
      },
    );
  });
  process.on("disconnect", () => process.exit());
  process.on("SIGINT", () => {}); // Ctrl-C reaches the whole group; the parent stops us in its own order
}
