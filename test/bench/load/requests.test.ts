import { expect, test } from "vitest";
import { requestBytes } from "../../../bench/load/customers.ts";
import { countRequests, type Unfinished } from "../../../bench/load/requests.ts";

test("every request is counted once, wherever the bytes are cut", () => {
  const bytes = Buffer.concat(requestBytes().slice(0, 3));
  for (let size = 1; size <= bytes.length; size++) {
    let unfinished: Unfinished;
    let requests = 0;
    for (let at = 0; at < bytes.length; at += size) {
      const counted = countRequests(bytes.subarray(at, at + size), unfinished);
      requests += counted.requests;
      unfinished = counted.unfinished;
    }
    expect(requests, `pieces of ${size}`).toBe(3);
    expect(unfinished).toBeUndefined();
  }
});
