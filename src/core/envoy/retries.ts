import { yaml } from "./yaml.ts";

/** The hosts of one list that Envoy tries at the most are one more. */
export const MAX_RETRIES = 3;

/** The time and the retries of a route. */
export const effort = (retries: number): string => yaml`
  timeout: 15s
  # Only what never reached a target is tried again, so nothing is done twice.
  retry_policy: { retry_on: "connect-failure,refused-stream,reset-before-request", num_retries: ${String(retries)} }
`;
