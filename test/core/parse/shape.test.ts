import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatSchema } from "../../../src/core/parse/shape.ts";

test("the schema for editors is the one that riffle.yaml is read by (if not: node scripts/schema.ts)", () => {
  const file = join(import.meta.dirname, "../../../schema/riffle.schema.json");
  expect(readFileSync(file, "utf8")).toBe(formatSchema());
});

test("every key is described to editors", () => {
  expect(undescribed(JSON.parse(formatSchema()), [])).toEqual([]);
});

/** The paths of all properties without a description. */
function undescribed(schema: unknown, path: readonly string[]): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, child]: [string, unknown]) => {
    if (key !== "properties" || typeof child !== "object" || child === null) return undescribed(child, [...path, key]);
    const silent = Object.entries(child).filter(
      ([, property]: [string, unknown]) => JSON.stringify(property)?.includes('"description"') !== true,
    );
    return [
      ...silent.map(([name]) => [...path, name].join(".")),
      ...Object.entries(child).flatMap(([name, property]) => undescribed(property, [...path, name])),
    ];
  });
}
