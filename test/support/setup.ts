import { join } from "node:path";
import { configureGlobal } from "fast-check";

// The same cases in every run, so that a red test is red again; FC_SEED asks for others, to look for what these do not find.
configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) });

// Tests start riffle some two hundred times: what Node compiles is kept, and each start takes half the time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "..", "..", ".cache", "compiled");
