import { z } from "zod";
import type { Parsed } from "./scalar.ts";

/** A mapping with these keys and no others. The message of an unknown key is the list of known ones: issues.ts makes the sentence. */
export const mapping = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined) });

/** A value that has a syntax of its own. */
export const read = <In, Out>(base: z.ZodType<In>, parse: (written: In) => Parsed<Out>) =>
  base.transform((written, context): Out => {
    const parsed = parse(written);
    if ("value" in parsed) return parsed.value;
    return complain(context, parsed.why);
  });

/** A text that has a syntax of its own. */
export const text = <Out>(parse: (written: string) => Parsed<Out>) => read(z.string(), parse);

/** A problem found in a transform. */
export function complain(context: z.core.$RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

/**
 * A mapping of `others`, and of which exactly one of the keys of `choice` is written: it says what kind of thing this is. An unknown
 * key is likely one of those, and so is told alone.
 */
export const choose = <C extends z.ZodRawShape, O extends z.ZodRawShape>(choice: C, others: O) =>
  mapping({ ...choice, ...others })
    .refine((written) => count(choice, written) === 1, complainOf(`must name exactly one of ${Object.keys(choice).join(", ")}`))
    .meta({ oneOf: Object.keys(choice).map((key) => ({ required: [key] })) });

/** The same, where none of the keys may be written as well. */
export const chooseOrNot = <C extends z.ZodRawShape, O extends z.ZodRawShape>(choice: C, others: O) =>
  mapping({ ...choice, ...others }).refine(
    (written) => count(choice, written) <= 1,
    complainOf(`must name at most one of ${Object.keys(choice).join(", ")}`),
  );

const count = (choice: object, written: object): number =>
  Object.keys(choice).filter((key) => Reflect.get(written, key) !== undefined).length;

/** A complaint about a mapping that has no others. */
export const complainOf = (error: string) => ({
  error,
  when: ({ issues }: { readonly issues: readonly unknown[] }): boolean => issues.length === 0,
});
