/** Bytes that are not the message they should be. The one error of wire; a peer's mistake, never a bug of ours. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
  constructor(message: string, cause: unknown) {
    super(`not a ${message}`, { cause });
  }
}
