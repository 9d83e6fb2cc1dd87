import { describe, expect, test } from "vitest";
import { HpackDecoder } from "../../../src/grpc/hpack/decoder.ts";
import type { HeaderField } from "../../../src/grpc/hpack/field.ts";
import { bytes, hex } from "./bytes.ts";
import { type Manner, ReferenceEncoder } from "./reference-encoder.ts";

interface Example {
  readonly example: string;
  readonly digits: string;
  readonly list: readonly string[];
  /** The dynamic table afterwards, the newest first. */
  readonly table: readonly string[];
}

interface Session {
  readonly section: string;
  readonly maxTableBytes: number;
  readonly how: Manner;
  readonly examples: readonly Example[];
}

const plain: Manner = { literal: "incremental", mayIndex: true, mayIndexName: true, match: "first", huffman: false };
const huffman: Manner = { ...plain, huffman: true };

const GET = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
const AUTHORITY = ":authority: www.example.com";
const NO_CACHE = "cache-control: no-cache";
const CUSTOM = "custom-key: custom-value";
const requests = {
  first: { list: GET, table: [AUTHORITY] },
  second: { list: [...GET, NO_CACHE], table: [NO_CACHE, AUTHORITY] },
  third: {
    list: [":method: GET", ":scheme: https", ":path: /index.html", AUTHORITY, CUSTOM],
    table: [CUSTOM, NO_CACHE, AUTHORITY],
  },
};

const PRIVATE = "cache-control: private";
const DATE_21 = "date: Mon, 21 Oct 2013 20:13:21 GMT";
const DATE_22 = "date: Mon, 21 Oct 2013 20:13:22 GMT";
const LOCATION = "location: https://www.example.com";
const GZIP = "content-encoding: gzip";
const COOKIE = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
const responses = {
  first: { list: [":status: 302", PRIVATE, DATE_21, LOCATION], table: [LOCATION, DATE_21, PRIVATE, ":status: 302"] },
  second: { list: [":status: 307", PRIVATE, DATE_21, LOCATION], table: [":status: 307", LOCATION, DATE_21, PRIVATE] },
  third: { list: [":status: 200", PRIVATE, DATE_22, LOCATION, GZIP, COOKIE], table: [COOKIE, GZIP, DATE_22] },
};

/** RFC 7541, Appendix C. The examples of C.2 stand alone, those of a later section follow one another on one connection. */
const sessions: readonly Session[] = [
  {
    section: "C.2.1 literal with indexing",
    maxTableBytes: 4096,
    how: plain,
    examples: [
      {
        example: "C.2.1",
        digits: "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
        list: ["custom-key: custom-header"],
        table: ["custom-key: custom-header"],
      },
    ],
  },
  {
    section: "C.2.2 literal without indexing",
    maxTableBytes: 4096,
    how: { ...plain, literal: "plain" },
    examples: [{ example: "C.2.2", digits: "040c 2f73 616d 706c 652f 7061 7468", list: [":path: /sample/path"], table: [] }],
  },
  {
    section: "C.2.3 literal never indexed",
    maxTableBytes: 4096,
    how: { ...plain, literal: "never" },
    examples: [{ example: "C.2.3", digits: "1008 7061 7373 776f 7264 0673 6563 7265 74", list: ["password: secret"], table: [] }],
  },
  {
    section: "C.2.4 indexed field",
    maxTableBytes: 4096,
    how: plain,
    examples: [{ example: "C.2.4", digits: "82", list: [":method: GET"], table: [] }],
  },
  {
    section: "C.3 requests without Huffman coding",
    maxTableBytes: 4096,
    how: plain,
    examples: [
      { example: "C.3.1", digits: "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", ...requests.first },
      { example: "C.3.2", digits: "8286 84be 5808 6e6f 2d63 6163 6865", ...requests.second },
      {
        example: "C.3.3",
        digits: "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
        ...requests.third,
      },
    ],
  },
  {
    section: "C.4 requests with Huffman coding",
    maxTableBytes: 4096,
    how: huffman,
    examples: [
      { example: "C.4.1", digits: "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", ...requests.first },
      { example: "C.4.2", digits: "8286 84be 5886 a8eb 1064 9cbf", ...requests.second },
      { example: "C.4.3", digits: "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", ...requests.third },
    ],
  },
  {
    section: "C.5 responses without Huffman coding, a table of 256 bytes",
    maxTableBytes: 256,
    how: plain,
    examples: [
      {
        example: "C.5.1",
        digits: `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
          2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
        ...responses.first,
      },
      { example: "C.5.2", digits: "4803 3330 37c1 c0bf", ...responses.second },
      {
        example: "C.5.3",
        digits: `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
          54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
          5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
        ...responses.third,
      },
    ],
  },
  {
    section: "C.6 responses with Huffman coding, a table of 256 bytes",
    maxTableBytes: 256,
    how: huffman,
    examples: [
      {
        example: "C.6.1",
        digits: `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
          2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
        ...responses.first,
      },
      { example: "C.6.2", digits: "4883 640e ffc1 c0bf", ...responses.second },
      {
        example: "C.6.3",
        digits: `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
          77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
          9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
        ...responses.third,
      },
    ],
  },
];

function parseField(line: string): HeaderField {
  const [, name = "", value = ""] = /^(:?[^:]+): (.*)$/.exec(line) ?? [];
  return { name, value };
}

const FIRST_DYNAMIC = 0x80 | 62;

describe.each(sessions)("RFC 7541 $section", ({ maxTableBytes, how, examples }) => {
  const create = (): HpackDecoder => new HpackDecoder({ maxTableBytes, maxListBytes: 65_536 });

  test("every block is decoded to the list in print", () => {
    const decoder = create();
    for (const { example, digits, list } of examples) {
      expect(decoder.decode(hex(digits)), example).toEqual({ fields: list.map(parseField), isTooLarge: false });
    }
  });

  test("the table is the one in print after every block, and holds nothing more", () => {
    for (const [place, { example, table }] of examples.entries()) {
      const decoder = create();
      for (const { digits } of examples.slice(0, place + 1)) decoder.decode(hex(digits));
      const indices = Uint8Array.from(table, (_, entry) => FIRST_DYNAMIC + entry);
      expect(decoder.decode(indices).fields, example).toEqual(table.map(parseField));
      expect(() => decoder.decode(Uint8Array.of(FIRST_DYNAMIC + table.length)), example).toThrow(
        expect.objectContaining({ fault: "unknown_index" }),
      );
    }
  });

  test("the reference encoder of these tests writes the bytes in print", () => {
    const encoder = new ReferenceEncoder(maxTableBytes);
    for (const { example, digits, list, table } of examples) {
      expect(bytes(...list.map((line) => encoder.encode(parseField(line), how))), example).toEqual(hex(digits));
      expect(encoder.entries, example).toEqual(table.map(parseField));
    }
  });
});
