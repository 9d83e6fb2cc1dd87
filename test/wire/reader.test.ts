import { describe, expect, test } from "vitest";
import { MalformedMessage } from "../../src/wire/malformed.ts";
import { MAX_GROUPS, Reader } from "../../src/wire/reader.ts";
import { unhex } from "./messages.ts";

const reader = (digits: string): Reader => new Reader(unhex(digits), "Example");

describe("a number of up to ten bytes is read", () => {
  test.each([
    ["00", 0],
    ["7f", 127],
    ["8001", 128],
    ["ac02", 300],
    ["8000", 0], // longer than it need be
    ["ffffffff0f", 0xffffffff],
    ["ffffffffffffff0f", 2 ** 53 - 1],
    ["80808080808080808001", 2 ** 63],
    ["81808080808080808000", 1],
  ])("%s", (digits, value) => {
    const it = reader(digits);
    expect(it.varint()).toBe(value);
    expect(it.hasMore).toBe(false);
  });
});

describe("a number is malformed", () => {
  test.each([
    ["without bytes", ""],
    ["cut off", "80"],
    ["cut off late", "808080808080808080"],
    ["of more than 64 bits", "80808080808080808002"],
    ["of more than ten bytes", "8080808080808080808000"],
  ])("%s", (_, digits) => {
    expect(() => reader(digits).varint()).toThrow(MalformedMessage);
  });
});

test("any number but 0 is true, however high its bits", () => {
  expect(["00", "8000", "01", "02", "80808080808080808001"].map((digits) => reader(digits).bool())).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

describe("a tag is a uint32, in at most five bytes", () => {
  test.each([
    ["0a", 0x0a],
    ["8a00", 0x0a],
    ["8a80808000", 0x0a],
    ["ffffffff0f", 0xffffffff],
  ])("%s is one", (digits, tag) => {
    expect(reader(digits).tag()).toBe(tag);
  });
  test.each(["ffffffff1f", "8a8080808000", "8a", "ffffffffffffffffff01"])("%s is none", (digits) => {
    expect(() => reader(digits).tag()).toThrow(MalformedMessage);
  });
});

describe("a field of any type is passed over whole", () => {
  test.each([
    ["a number", "08ac02"],
    ["a number of ten bytes", "08ffffffffffffffffff01"],
    ["eight bytes", "090102030405060708"],
    ["four bytes", "0d01020304"],
    ["bytes", "0a03616263"],
    ["no bytes", "0a00"],
    ["a group", "0b08010c"],
    ["an empty group", "0b0c"],
    ["groups in a group", "0b131b1c140b0c0c"],
    ["a group of the highest field number", "fbffffff0ffcffffff0f"],
  ])("%s", (_, digits) => {
    const it = reader(`${digits}ff`);
    it.skip(it.tag());
    expect(it.at).toBe(digits.length / 2);
  });
});

describe("a field is malformed", () => {
  test.each([
    ["with the number 0", "00"],
    ["with the number 0, of any type", "0201"],
    ["of wire type 6", "0e"],
    ["of wire type 7", "0f"],
    ["that ends a group nobody began", "0c"],
    ["when it is cut off: a number", "0880"],
    ["when it is cut off: eight bytes", "0901020304050607"],
    ["when it is cut off: four bytes", "0d010203"],
    ["when it is cut off: bytes", "0a0361"],
    ["when its length is of 64 bits", "0affffffffffffffffff01"],
    ["when its length is 2³² more than there is", "0a80808080101"],
    ["when it is a group without an end", "0b0801"],
    ["when it is a group that ends as another", "0b14"],
    ["when the groups in it end crosswise", "0b130c14"],
  ])("%s", (_, digits) => {
    const it = reader(digits);
    expect(() => it.skip(it.tag())).toThrow(MalformedMessage);
  });
});

test("groups lie in groups up to a depth, and no deeper", () => {
  const nested = (depth: number): Reader => reader("0b".repeat(depth) + "0c".repeat(depth));
  const deepest = nested(MAX_GROUPS);
  deepest.skip(deepest.tag());
  expect(deepest.hasMore).toBe(false);
  const deeper = nested(MAX_GROUPS + 1);
  expect(() => deeper.skip(deeper.tag())).toThrow(MalformedMessage);
});

describe("nothing reaches out of the message it lies in", () => {
  test.each<[string, string, (it: Reader) => void]>([
    ["a number", "0180017f", (it) => it.varint()],
    ["a tag", "018a007f", (it) => it.tag()],
    ["bytes", "020361626300", (it) => it.spanEnd()],
    ["a message", "020361626300", (it) => it.enter()],
    ["text", "020361626300", (it) => it.text()],
    ["four bytes", "020d0102030405", (it) => it.skip(it.tag())],
    ["a group", "020b08010c", (it) => it.skip(it.tag())],
  ])("%s", (_, digits, read) => {
    const it = reader(digits);
    it.enter();
    expect(() => read(it)).toThrow(MalformedMessage);
  });

  test("and what follows a message is read when it is left", () => {
    const it = reader("0208010802");
    const outer = it.enter();
    expect([it.tag(), it.varint(), it.hasMore]).toEqual([0x08, 1, false]);
    it.leave(outer);
    expect([it.tag(), it.varint(), it.hasMore]).toEqual([0x08, 2, false]);
  });
});

test("a message that is passed over has to be well formed all the same", () => {
  const good = reader("0408010a00ff");
  good.skipMessage();
  expect(good.at).toBe(5);
  expect(() => reader("0308010a").skipMessage()).toThrow(MalformedMessage);
});

test("text is UTF-8, a byte-order mark is a part of it, and other bytes are malformed", () => {
  expect(reader("05c3a9efbbbf").text()).toBe("\u00e9\ufeff");
  expect(() => reader("01e9").text()).toThrow(MalformedMessage);
});

test("the error says what the bytes should have been, and what is wrong", () => {
  expect(() => reader("80").varint()).toThrow(expect.objectContaining({ message: "not a Example", cause: "an end inside a field" }));
});
