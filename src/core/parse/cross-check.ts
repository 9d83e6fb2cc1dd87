import type { Problem } from "../rules.ts";
import { checkAddresses } from "./check-addresses.ts";
import { checkAge } from "./check-age.ts";
import { checkChanges } from "./check-changes.ts";
import { checkCustomers } from "./check-customers.ts";
import { checkDistinct } from "./check-distinct.ts";
import { checkHeaders } from "./check-headers.ts";
import { checkNames } from "./check-names.ts";
import { checkOutputs } from "./check-outputs.ts";
import { checkRegions } from "./check-regions.ts";
import { checkStore } from "./check-store.ts";
import { checkTargets } from "./check-targets.ts";
import { checkTls } from "./check-tls.ts";
import { checkVariables } from "./check-variables.ts";

/** All that the schema cannot see because it is about more than one value, or about a name that is a key. */
export function crossCheck(document: unknown, folder: string): readonly Problem[] {
  return [
    ...checkNames(document),
    ...checkDistinct(document),
    ...checkAddresses(document, folder),
    ...checkTls(document),
    ...checkAge(document),
    ...checkCustomers(document),
    ...checkHeaders(document),
    ...checkOutputs(document),
    ...checkTargets(document),
    ...checkChanges(document),
    ...checkVariables(document),
    ...checkRegions(document),
    ...checkStore(document),
  ];
}
