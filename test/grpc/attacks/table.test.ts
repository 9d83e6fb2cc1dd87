import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STRICT } from "../../../src/grpc/limits.ts";

const attacks = readdirSync(import.meta.dirname).map((name) => readFileSync(join(import.meta.dirname, name), "utf8"));

test.each(Object.keys(STRICT))("the limit %s has its attacks", (row) => {
  expect(attacks.some((text) => text.includes(`describe("${row}"`))).toBe(true);
});
