import type { Transport } from "../../src/core/rules.ts";

/** Both twins, for suites that hold for either. */
export const TRANSPORTS: readonly Transport[] = ["own", "grpc-js"];
