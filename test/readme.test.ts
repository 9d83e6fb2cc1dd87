import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runRiffle, startRiffle } from "./support/riffle.ts";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, lines = ""]) => lines.trim().split("\n"));
const commands = blocks.filter((line) => line.startsWith("riffle "));

test("the README's set-up is its two commands, and nothing else is asked of a user", () => {
  expect(blocks.filter((line) => !line.startsWith("riffle "))).toEqual(["npm run demo", "npm test"]);
});

test("every file the README names exists", () => {
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, path = ""]) => path);
  expect(links.length).toBeGreaterThan(15);
  for (const link of links) expect(() => readFileSync(join(root, link)), link).not.toThrow();
});

test.each(commands.filter((line) => !/ serve | --live /.test(line)))("the README's `%s` works", async (line) => {
  const { code, stdout, stderr } = await runRiffle(wordsOf(line));
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout.length).toBeGreaterThan(40);
});

test("the README's `riffle serve` answers its `riffle check --live`, and ends with 0 on SIGTERM", async () => {
  const [serve = "", live = ""] = commands.filter((line) => / serve | --live /.test(line));
  const server = startRiffle(wordsOf(serve));
  await server.says('"serving"');
  const answer = await runRiffle(wordsOf(live));
  expect(answer).toMatchObject({ code: 0, stderr: "" });
  expect(answer.stdout).toMatch(/serving[\s\S]*x-target-cluster: backend_\d[\s\S]*goes on/);
  server.child.kill("SIGTERM");
  server.child.kill("SIGINT"); // a second signal does not wait for Envoys that are not there
  expect((await server.finished).code).toBe(0);
});

const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "").slice(1);
