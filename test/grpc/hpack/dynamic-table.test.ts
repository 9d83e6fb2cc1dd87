import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DynamicTable } from "../../../src/grpc/hpack/dynamic-table.ts";
import type { HeaderField } from "../../../src/grpc/hpack/field.ts";

/** A field that takes exactly so many bytes in a table. */
const sized = (bytes: number, name = "n"): HeaderField => ({ name, value: "v".repeat(bytes - 32 - name.length) });

function entries(table: DynamicTable): HeaderField[] {
  const found: HeaderField[] = [];
  for (let field = table.get(0); field !== undefined; field = table.get(found.length)) found.push(field);
  return found;
}

function filled(maxBytes: number, fields: readonly HeaderField[]): DynamicTable {
  const table = new DynamicTable(maxBytes);
  for (const field of fields) table.insert(field);
  return table;
}

test("entries are the very objects inserted, the newest first", () => {
  const fields = [sized(40, "a"), sized(40, "b"), sized(40, "c")];
  const table = filled(4096, fields);
  expect(table.get(0)).toBe(fields[2]);
  expect(table.get(2)).toBe(fields[0]);
  expect(table.get(3)).toBeUndefined();
});

describe("eviction", () => {
  test("a table that is exactly full keeps all", () => {
    expect(entries(filled(120, [sized(40, "a"), sized(40, "b"), sized(40, "c")]))).toHaveLength(3);
  });

  test("one byte more evicts the oldest, and as many as it takes", () => {
    expect(entries(filled(120, [sized(40, "a"), sized(40, "b"), sized(41, "c")])).map(({ name }) => name)).toEqual(["c", "b"]);
    expect(entries(filled(120, [sized(40, "a"), sized(40, "b"), sized(100, "c")])).map(({ name }) => name)).toEqual(["c"]);
  });

  test("an entry as large as the table is kept alone; a larger one empties it and is not kept", () => {
    expect(entries(filled(120, [sized(40), sized(120, "c")])).map(({ name }) => name)).toEqual(["c"]);
    expect(entries(filled(120, [sized(40), sized(121)]))).toEqual([]);
  });

  test("a smaller size evicts at once, and a larger one brings nothing back", () => {
    const table = filled(120, [sized(40, "a"), sized(40, "b"), sized(40, "c")]);
    table.resize(80);
    expect(entries(table).map(({ name }) => name)).toEqual(["c", "b"]);
    table.resize(0);
    table.resize(120);
    expect(entries(table)).toEqual([]);
    table.insert(sized(40, "d"));
    expect(entries(table).map(({ name }) => name)).toEqual(["d"]);
  });

  test("a table of size 0 keeps nothing, not even an empty field", () => {
    expect(entries(filled(0, [{ name: "", value: "" }]))).toEqual([]);
  });

  test("a table full of empty fields, the smallest there are, keeps all", () => {
    const fields = Array.from({ length: 200 }, () => ({ name: "", value: "" }));
    for (const maxBytes of [31, 32, 63, 64, 100, 4096]) expect(entries(filled(maxBytes, fields))).toHaveLength(Math.floor(maxBytes / 32));
  });
});

describe("the version", () => {
  test("changes with every insertion and every other size", () => {
    const table = filled(120, []);
    const seen = [table.version];
    for (const change of [() => table.insert(sized(40)), () => table.insert(sized(200)), () => table.resize(60), () => table.resize(120)]) {
      change();
      expect(seen).not.toContain(table.version);
      seen.push(table.version);
    }
  });

  test("stays with the size there is, and with reading", () => {
    const table = filled(120, [sized(40)]);
    const { version } = table;
    table.resize(120);
    table.get(0);
    expect(table.version).toBe(version);
  });
});

test("whatever is inserted and however it is resized, it holds what a plain list would", () => {
  const steps = fc.array(fc.oneof({ arbitrary: fc.integer({ min: 32, max: 150 }), weight: 5 }, fc.integer({ min: -300, max: 0 })), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(steps, (sizes) => {
      const table = new DynamicTable(300);
      let kept: HeaderField[] = [];
      let maxBytes = 300;
      for (const size of sizes) {
        if (size <= 0) {
          maxBytes = -size;
          table.resize(maxBytes);
        } else {
          const field = sized(size, "");
          table.insert(field);
          kept = [field, ...kept];
        }
        while (kept.reduce((sum, { value }) => sum + value.length + 32, 0) > maxBytes) kept.pop();
        expect(entries(table)).toEqual(kept);
      }
    }),
  );
});
