/** A mistake only the user can mend: one line (or one a mistake) with the place and the remedy; exit code 1, no stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}
