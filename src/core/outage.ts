/** Why a dependency could not answer; stores throw it, rescue reads it. */
export type OutageCode = "late" | "refused" | "garbled";

/** A dependency of a decision is down, and nothing could stand in for it. */
export class Outage extends Error {
  override readonly name = "Outage";
  readonly code: OutageCode;
  constructor(code: OutageCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
