import { configureGlobal } from "fast-check";

// The same cases in every run, so that a red test is red again; FC_SEED asks for others, to look for what these do not find.
configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) });
