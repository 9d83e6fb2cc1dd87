import { expect, test } from "vitest";
import { runRiffle } from "../support/riffle.ts";

const explain = async (...more: readonly string[]): Promise<string> => {
  const words = ["explain", "GET", "/", "--header", "x-customer-id: acme", "--config", "deploy/riffle.yaml", ...more];
  const { code, stdout } = await runRiffle(words);
  expect(code).toBe(0);
  return stdout;
};
const explained = async (...more: readonly string[]) => JSON.parse(await explain("--json", ...more));

test("every target is printed with why it was taken or passed over, and what another customer shares", async () => {
  const text = await explain("--overlap", "globex");
  const { shard } = await explained();
  expect(shard.members).toHaveLength(2);
  for (const id of shard.members) expect(text).toMatch(new RegExp(`\\d\\. ${id} \\(zone [ab]\\): taken, in rank order`));
  expect(text.match(/passed over/g)).toHaveLength(6);
  expect(text).toMatch(/^overlap {3}shares [012] of 2 with globex: /m);
});

test("with targets ejected the request goes to the others of the shard, and is refused where there are none", async () => {
  const { shard } = await explained();
  const [gone, kept] = shard.members;
  expect(await explained("--ejected", gone)).toMatchObject({ order: [kept] });
  expect(await explain("--ejected", gone)).toMatch(new RegExp(`${gone} \\(zone [ab], ejected\\): taken`));
  expect(await explained("--ejected", `${gone},${kept}`)).toMatchObject({
    order: [],
    answer: { status: 503, why: "no target of the shard is up" },
    shard: { members: shard.members },
  });
});
