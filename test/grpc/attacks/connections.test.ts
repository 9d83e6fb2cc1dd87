import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Address } from "../../../src/core/rules.ts";
import { attack, openVictim } from "../attack.ts";

/** Whatever a connection hears until it is closed. */
async function listen(address: Address): Promise<Buffer> {
  const socket = connect({ host: "127.0.0.1", port: address.kind === "tcp" ? address.port : 0 });
  onTestFinished(() => void socket.destroy());
  const heard: Buffer[] = [];
  socket.on("data", (chunk) => heard.push(chunk));
  socket.on("error", () => undefined);
  await once(socket, "close");
  return Buffer.concat(heard);
}

describe("connections", () => {
  test("one more than a listener takes is closed unheard, and those that are there are served", async () => {
    const victim = await openVictim({ connections: 4 }); // one is the client's that behaves
    const held = [await attack(victim.anybody), await attack(victim.anybody), await attack(victim.anybody)];
    for (let i = 0; i < 20; i++) expect(await listen(victim.anybody)).toHaveLength(0);
    for (const each of held) await each.isServed(1);
    await victim.isWell();
  });
  test("one listener that is full leaves another its own", async () => {
    const victim = await openVictim({ connections: 2 });
    await (await attack(victim.anybody)).isServed(1);
    expect(await listen(victim.anybody)).toHaveLength(0);
    const ours = [await attack(victim.ourselves), await attack(victim.ourselves)];
    for (const each of ours) await each.isServed(1);
    expect(await listen(victim.ourselves)).toHaveLength(0);
  });
  test("one that leaves makes room for another", async () => {
    const victim = await openVictim({ connections: 2 });
    const first = await attack(victim.anybody);
    await first.isServed(1);
    first.send(Buffer.from("not a frame of any kind, and too long"));
    expect(await first.lastWord()).toBe("FRAME_SIZE_ERROR");
    // The client is closed a moment before the server has noticed.
    await vi.waitFor(async () => (await attack(victim.anybody)).isServed(1), { interval: 1 });
  });
});
