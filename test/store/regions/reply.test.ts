import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseReply } from "../../../src/store/regions/reply.ts";

const FIELD = ["region"];
const region = (name: string) => ({ kind: "region", region: name });
const none = { kind: "none" };

describe("what an answer says", () => {
  test.each<[string, number, string, readonly string[], object]>([
    ["a region", 200, '{"region": "eu-west", "more": 1}', FIELD, region("eu-west")],
    ["a region further down", 200, '{"data": {"place": {"region": "eu-west"}}}', ["data", "place", "region"], region("eu-west")],
    ["a region of 256 characters", 200, JSON.stringify({ region: "r".repeat(256) }), FIELD, region("r".repeat(256))],
    ["not found", 404, "<html>", FIELD, none],
    ["no such field", 200, "{}", FIELD, none],
    ["null", 200, '{"region": null}', FIELD, none],
    ["null on the way", 200, '{"data": null}', ["data", "region"], none],
    ["a property that every object has", 200, "{}", ["constructor"], none],
  ])("%s", (_, status, body, field, expected) => {
    expect(parseReply(status, body, field)).toEqual(expected);
  });

  test.each<[string, number, string, readonly string[]]>([
    ["a redirect", 302, '{"region": "eu-west"}', FIELD],
    ["another success", 204, "", FIELD],
    ["a refusal", 403, '{"region": "eu-west"}', FIELD],
    ["too many", 429, '{"region": "eu-west"}', FIELD],
    ["nothing", 200, "", FIELD],
    ["no JSON", 200, "<html>", FIELD],
    ["an array", 200, '["eu-west"]', FIELD],
    ["a string", 200, '"eu-west"', FIELD],
    ["null alone", 200, "null", FIELD],
    ["a number for a region", 200, '{"region": 5}', FIELD],
    ["an object for a region", 200, '{"region": {}}', FIELD],
    ["an empty region", 200, '{"region": ""}', FIELD],
    ["a space in it", 200, '{"region": "eu west"}', FIELD],
    ["a line feed behind it", 200, '{"region": "eu-west\\n"}', FIELD],
    ["a second header", 200, '{"region": "us-east\\r\\nx: y"}', FIELD],
    ["a letter beyond ASCII", 200, '{"region": "é"}', FIELD],
    ["257 characters", 200, JSON.stringify({ region: "r".repeat(257) }), FIELD],
    ["a field through a string", 200, '{"data": "eu-west"}', ["data", "length"]],
  ])("%s is a failure, and asking again does not help", (_, status, body, field) => {
    expect(parseReply(status, body, field)).toMatchObject({ kind: "failed", mayRetry: false });
  });

  test.each([500, 502, 503, 504])("%i is a failure that may pass", (status) => {
    expect(parseReply(status, '{"region": "eu-west"}', FIELD)).toMatchObject({ kind: "failed", mayRetry: true });
  });

  test("whatever is answered, a region is 1 to 256 visible ASCII characters", () => {
    const body = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }).map((text) => JSON.stringify({ region: text })),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(body, fc.constantFrom(200, 200, 404, 500), (text, status) => {
        const reply = parseReply(status, text, FIELD);
        if (reply.kind === "region") expect(reply.region).toMatch(/^[!-~]{1,256}$/);
      }),
    );
  });
});
