import { expect, test } from "vitest";
import { STATIC_ENTRIES, staticEntry, staticIndex, staticNameIndex } from "../../../src/grpc/hpack/static-table.ts";

/** RFC 7541, Appendix A: index, name, value. */
const APPENDIX_A = `
1 :authority
2 :method GET
3 :method POST
4 :path /
5 :path /index.html
6 :scheme http
7 :scheme https
8 :status 200
9 :status 204
10 :status 206
11 :status 304
12 :status 400
13 :status 404
14 :status 500
15 accept-charset
16 accept-encoding gzip, deflate
17 accept-language
18 accept-ranges
19 accept
20 access-control-allow-origin
21 age
22 allow
23 authorization
24 cache-control
25 content-disposition
26 content-encoding
27 content-language
28 content-length
29 content-location
30 content-range
31 content-type
32 cookie
33 date
34 etag
35 expect
36 expires
37 from
38 host
39 if-match
40 if-modified-since
41 if-none-match
42 if-range
43 if-unmodified-since
44 last-modified
45 link
46 location
47 max-forwards
48 proxy-authenticate
49 proxy-authorization
50 range
51 referer
52 refresh
53 retry-after
54 server
55 set-cookie
56 strict-transport-security
57 transfer-encoding
58 user-agent
59 vary
60 via
61 www-authenticate
`;

const printed = APPENDIX_A.trim()
  .split("\n")
  .map((line) => {
    const [index = "", name = "", ...value] = line.split(" ");
    return { index: Number(index), name, value: value.join(" ") };
  });

test.each(printed)("entry $index is $name $value, and is found", ({ index, name, value }) => {
  expect(staticEntry(index)).toEqual({ name, value });
  expect(staticEntry(index)).toBe(staticEntry(index));
  expect(staticIndex({ name, value })).toBe(index);
});

test("the table has 61 entries and nothing beside them", () => {
  expect(printed).toHaveLength(61);
  expect(STATIC_ENTRIES).toBe(61);
  for (const index of [-1, 0, 62]) expect(staticEntry(index)).toBeUndefined();
});

test("a name is found at its first entry", () => {
  for (const { name } of printed) expect(staticNameIndex(name)).toBe(printed.find((entry) => entry.name === name)?.index);
});

test("a name alone is no match for a field, and what is in no entry is not found", () => {
  expect(staticIndex({ name: ":status", value: "201" })).toBe(0);
  expect(staticIndex({ name: "www-authenticate", value: "Basic" })).toBe(0);
  expect(staticIndex({ name: "traceparent", value: "" })).toBe(0);
  expect(staticNameIndex("traceparent")).toBe(0);
});
