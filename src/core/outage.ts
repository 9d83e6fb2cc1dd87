/**
 * Why a dependency could not answer; stores throw it, rescue reads it. away: not asked, for there is no connection or no room on it.
 * late: asked, and no answer in time. refused: it answered that it will not. garbled: its answer makes no sense.
 */
export type OutageCode = "away" | "late" | "refused" | "garbled";

/** A dependency of a decision is down, and nothing could stand in for it. */
export class Outage extends Error {
  override readonly name = "Outage";
  readonly code: OutageCode;
  constructor(code: OutageCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
