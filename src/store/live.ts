import type { Facts } from "../core/verdict.ts";

/** What this instance observes of its targets: nothing yet, so none of them is ejected. */
export const quietLive = (): Facts["live"] => ({ isEjected: () => false });
