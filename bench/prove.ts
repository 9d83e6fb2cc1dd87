import { Client } from "../src/cli/demo/traffic.ts";
import { CUSTOMERS } from "./load/customers.ts";
import { SHARD_SIZE } from "./rows.ts";
import type { Stage } from "./stage.ts";

const PER_CUSTOMER = 20;

/**
 * Shows that a row does the job it is measured at: every request is answered, and where somebody decides each customer sees
 * no more targets than it is dealt, all customers together more. Throws Error otherwise.
 */
export async function proveStage({ row, port }: Stage): Promise<void> {
  const client = new Client(port, 8);
  const seen = new Map(CUSTOMERS.map((customer) => [customer, new Set<string>()]));
  const shots = CUSTOMERS.flatMap((customer) =>
    Array.from({ length: PER_CUSTOMER }, () => ({ customer, headers: { "x-customer-id": customer } })),
  );
  const failures: string[] = [];
  await client.sendAll(shots, ({ status, servedBy = "", failure }, { customer }) => {
    if (status !== 200) failures.push(failure ?? `status ${status}`);
    seen.get(customer)?.add(servedBy);
  });
  client.close();
  if (failures.length > 0)
    throw new Error(`${row.title}: ${failures.length} of ${shots.length} requests failed before any load: ${failures[0]}`);
  if (row.deciding === "nobody") return;
  const most = Math.max(...[...seen.values()].map((targets) => targets.size));
  const all = new Set([...seen.values()].flatMap((targets) => [...targets])).size;
  if (most > SHARD_SIZE || all <= SHARD_SIZE)
    throw new Error(`${row.title} does not decide: a customer saw ${most} targets, all saw ${all}`);
}
