import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toByteString, toDisplay } from "../../src/core/bytes.ts";

describe("byte strings", () => {
  test("text becomes its UTF-8 bytes, one char each, and is shown as it was", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }).filter((text) => !/[\p{Cc}\ufffd]/u.test(text)),
        (text) => {
          expect(toByteString(text)).toBe(Buffer.from(text).toString("latin1"));
          expect(toDisplay(toByteString(text))).toBe(text);
        },
      ),
    );
  });

  test.each([
    ["bytes that are no UTF-8", "a\xff\xe9z", "a\\xff\\xe9z"],
    ["control characters, which could steer a terminal", "a\x1b[2J\x00\x7f", "a\\x1b[2J\\x00\\x7f"],
    ["C1 control characters in UTF-8", toByteString("a\u009bz"), "a\\x9bz"],
  ])("%s are shown escaped", (_, bytes, shown) => {
    expect(toDisplay(bytes)).toBe(shown);
  });
});
