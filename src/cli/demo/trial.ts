import type { Pool } from "../../core/pool.ts";
import { Client, type Hit, type Shot } from "./traffic.ts";

/** How the demo's requests went for one customer. */
export interface CustomerTrial {
  readonly customer: string;
  readonly shard: readonly string[];
  readonly served: ReadonlyMap<string, number>; // requests by the target that answered
  readonly failed: number; // not answered with 200
  readonly strayed: number; // answered by a target outside the shard
  readonly forgedObeyed: number; // of the strayed, those that went where a forged header said
}

interface TrialShot extends Shot {
  readonly customer: string;
  readonly forged: string | undefined; // the target that a forged control header asked for
}

export const TRIAL_CUSTOMERS = 20;
export const TRIAL_REQUESTS = 2_000;
const FORGED_EVERY = 5; // one request in five tries to choose its target itself
const CONNECTIONS = 16;

/** Sends the demo's requests for its customers through Envoy, some of them forged, and sorts the answers. */
export async function runTrial(port: number, pool: Pool): Promise<readonly CustomerTrial[]> {
  const client = new Client(port, CONNECTIONS);
  const tallies = new Map(customers().map((customer) => [customer, new Tally(customer, pool)]));
  const shots = Array.from({ length: TRIAL_REQUESTS }, (_, index) => aim(index, tallies));
  await client.sendAll(shots, (hit, shot) => tallies.get(shot.customer)?.enter(hit, shot));
  client.close();
  return [...tallies.values()];
}

const customers = (): string[] => Array.from({ length: TRIAL_CUSTOMERS }, (_, index) => `customer-${index + 1}`);

function aim(index: number, tallies: ReadonlyMap<string, Tally>): TrialShot {
  const customer = `customer-${(index % TRIAL_CUSTOMERS) + 1}`;
  const round = Math.floor(index / TRIAL_CUSTOMERS);
  const outside = tallies.get(customer)?.outside ?? [];
  const forged = round % FORGED_EVERY === 0 ? outside[round % outside.length] : undefined;
  const headers = { "x-customer-id": customer, ...(forged === undefined ? {} : { "x-target-cluster": forged }) };
  return { customer, forged, path: `/orders/${index}`, headers };
}

class Tally implements CustomerTrial {
  readonly customer: string;
  readonly shard: readonly string[];
  readonly outside: readonly string[];
  readonly served = new Map<string, number>();
  failed = 0;
  strayed = 0;
  forgedObeyed = 0;

  constructor(customer: string, pool: Pool) {
    this.customer = customer;
    this.shard = pool.shardOf(customer).map(({ id }) => id);
    this.outside = pool.targets.map(({ id }) => id).filter((id) => !this.shard.includes(id));
  }

  enter({ status, servedBy }: Hit, { forged }: TrialShot): void {
    if (status !== 200 || servedBy === undefined) {
      this.failed++;
      return;
    }
    this.served.set(servedBy, (this.served.get(servedBy) ?? 0) + 1);
    if (this.shard.includes(servedBy)) return;
    this.strayed++;
    if (servedBy === forged) this.forgedObeyed++;
  }
}
