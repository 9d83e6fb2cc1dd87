/** How Envoy is told. */

/** One header change. `value` undefined: removed. `append` leaves what is there and adds one more (set-cookie). */
export interface Edit {
  readonly name: string; // lower case
  readonly value: string | undefined; // byte string
  readonly append?: true;
}

/** In order; where two edits name one header, the later one counts. */
export type Edits = readonly Edit[];

/** One entry of Envoy's dynamic metadata. */
export interface Datum {
  readonly namespace: string;
  readonly key: string;
  readonly value: string | number | boolean;
}

/** What makes Envoy send an exchange somewhere. A target has one, ready made. */
export interface Output {
  readonly edits?: Edits | undefined;
  readonly metadata?: readonly Datum[] | undefined;
}
