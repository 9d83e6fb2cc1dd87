import { onTestFinished } from "vitest";
import { type DiscoveryServer, startDiscovery } from "../../src/cli/demo/discovery.ts";

/** What the tests' services know. */
export const KNOWN = [
  ["us.example.com", "us-east"],
  ["eu.example.com", "eu-west"],
] as const;

/** A discovery service that does not outlive its test. */
export async function discoveryServer(regions: Iterable<readonly [string, string]> = KNOWN): Promise<DiscoveryServer> {
  const server = await startDiscovery(regions);
  onTestFinished(() => server.close());
  return server;
}
