import type { Limits } from "../limits.ts";
import { ConnectionError, ErrorCode } from "./protocol.ts";

/** A header block that comes in several frames, bounded in bytes and frames (CVE-2024-27316). RFC 9113 §4.3, §6.10. */
export class HeaderBlock {
  readonly head: { readonly id: number; readonly endsStream: boolean; readonly dependsOnItself: boolean };
  readonly #limits: Limits;
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(head: HeaderBlock["head"], limits: Limits) {
    this.head = head;
    this.#limits = limits;
  }

  /** One frame's part; it is copied. Throws ConnectionError when it is one too many. */
  add(part: Buffer): void {
    this.#bytes += part.length;
    this.#parts.push(new Uint8Array(part)); // the next may be long in coming, and a view would keep a whole read alive
    if (this.#parts.length - 1 > this.#limits.continuations || this.#bytes > this.#limits.headerBlockBytes) {
      throw new ConnectionError(ErrorCode.enhanceYourCalm, "a header block without end");
    }
  }

  join(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
