import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bucket, Ledger } from "../../../src/grpc/http2/bucket.ts";

describe("Bucket", () => {
  const takeAll = (bucket: Bucket, nowMs: number): number => {
    let taken = 0;
    while (taken < 10_000 && bucket.take(() => nowMs)) taken++;
    return taken;
  };

  test("gives its burst at once, and no more", () => {
    expect(takeAll(new Bucket({ burst: 5, perSecond: 1 }, 1_000), 1_000)).toBe(5);
  });
  test("fills at its rate, never above its burst", () => {
    const bucket = new Bucket({ burst: 5, perSecond: 2 }, 0);
    takeAll(bucket, 0);
    expect(takeAll(bucket, 499)).toBe(0);
    expect(takeAll(bucket, 500)).toBe(1);
    expect(takeAll(bucket, 2_000)).toBe(3);
    expect(takeAll(bucket, 1_000_000)).toBe(5);
  });
  test("loses no fraction of a token to being asked often", () => {
    const bucket = new Bucket({ burst: 1, perSecond: 1 }, 0);
    expect(bucket.take(() => 0)).toBe(true);
    const given = Array.from({ length: 10 }, (_, i) => bucket.take(() => (i + 1) * 125));
    expect(given.filter(Boolean)).toHaveLength(1);
    expect(given[7]).toBe(true);
  });
  test("asks for the time only when it has run dry", () => {
    const bucket = new Bucket({ burst: 2, perSecond: 1 }, 0);
    const never = (): number => {
      throw new Error("asked for the time");
    };
    expect([bucket.take(never), bucket.take(never)]).toEqual([true, true]);
    expect(() => bucket.take(never)).toThrow("asked");
  });
  test("without a limit never runs dry", () => {
    expect(takeAll(new Bucket({ burst: Number.POSITIVE_INFINITY, perSecond: Number.POSITIVE_INFINITY }, 0), 0)).toBe(10_000);
  });
});

describe("Ledger", () => {
  test("takes up to its limit, and is the same as before where it refuses", () => {
    const ledger = new Ledger(10);
    expect([ledger.take(4), ledger.take(6), ledger.take(1)]).toEqual([true, true, false]);
    expect(ledger.held).toBe(10);
    ledger.give(3);
    expect([ledger.take(4), ledger.take(3)]).toEqual([false, true]);
  });
  test("what does not fit above is entered nowhere", () => {
    const process = new Ledger(10);
    const [one, two] = [new Ledger(8, process), new Ledger(8, process)];
    expect([one.take(8), two.take(3), two.take(2)]).toEqual([true, false, true]);
    expect([one.held, two.held, process.held]).toEqual([8, 2, 10]);
  });
  test("what does not fit below is not entered above", () => {
    const process = new Ledger(10);
    expect(new Ledger(5, process).take(6)).toBe(false);
    expect(process.held).toBe(0);
  });
  test("what closes gives back all it holds, once", () => {
    const process = new Ledger(100);
    const ledger = new Ledger(50, process);
    process.take(1);
    ledger.take(20);
    ledger.close();
    ledger.close();
    expect([ledger.held, process.held]).toEqual([0, 1]);
  });
  test("a parent always holds what its children hold together", () => {
    const steps = fc.array(fc.record({ child: fc.nat(2), bytes: fc.nat(40), step: fc.constantFrom("take", "give", "close") }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const parent = new Ledger(100);
        const children = [new Ledger(60, parent), new Ledger(60, parent), new Ledger(10, parent)];
        for (const { child, bytes, step } of all) {
          const ledger = children[child];
          if (step === "take") ledger?.take(bytes);
          else if (step === "close") ledger?.close();
          else ledger?.give(Math.min(bytes, ledger.held));
          expect(parent.held).toBe(children.reduce((sum, { held }) => sum + held, 0));
          expect(parent.held).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
