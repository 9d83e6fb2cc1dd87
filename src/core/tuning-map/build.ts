import type { Steps } from "../steps.ts";
import { type Bucket, EMPTY, locate } from "./bucket.ts";
import { endOf, Packer, readCustomer, readDigest, readHash } from "./entry.ts";
import type { RawTuning } from "./fields.ts";
import { List } from "./list.ts";
import { bucketsFor, placeOf, type Table, TableEdit } from "./table.ts";

/** A table of all these; of a customer named twice the last one counts. Takes the memory of two for a while. */
export function* buildTable(entries: Iterable<readonly [customer: string, tuning: RawTuning]>): Steps<Table> {
  const { blocks, totals } = yield* packAll(entries);
  const buckets = yield* makeRoom(blocks, bucketsFor(totals.size));
  yield* fill(buckets, blocks, totals);
  const edit = new TableEdit({ ...totals, buckets: yield* trim(buckets) });
  while (!edit.resize(8)) yield; // customers named twice left fewer than were counted
  return edit.finish();
}

/** Entries, or buckets, a step. */
const STRIDE = 128;

/** What all entries come to; of a customer named twice the former ones are taken off later. */
interface Totals {
  size: number;
  lo: number;
  hi: number;
}

/** Packed entries one after the other as they came. */
interface Block {
  readonly bytes: Uint8Array;
  filled: number;
}

/** Not one large buffer: making it larger would be one long step. */
const BLOCK_BYTES = 65_536;

function* packAll(entries: Iterable<readonly [string, RawTuning]>): Steps<{ blocks: Block[]; totals: Totals }> {
  const packer = new Packer();
  const blocks: Block[] = [];
  let block: Block = { bytes: EMPTY, filled: 0 };
  const totals = { size: 0, lo: 0, hi: 0 };
  for (const [customer, tuning] of entries) {
    packer.pack(customer, tuning);
    if (block.filled + packer.size > block.bytes.length) {
      block = { bytes: new Uint8Array(Math.max(BLOCK_BYTES, packer.size)), filled: 0 };
      blocks.push(block);
      yield; // a step is short by count and by bytes
    }
    packer.writeTo(block.bytes, block.filled);
    block.filled += packer.size;
    const { lo, hi } = packer.digest;
    totals.lo = (totals.lo + lo) >>> 0;
    totals.hi = (totals.hi + hi) >>> 0;
    if (++totals.size % STRIDE === 0) yield;
  }
  return { blocks, totals };
}

/** A bucket that is being filled. */
interface Draft {
  bytes: Uint8Array;
  filled: number;
}

/** Buckets of just the sizes that their entries have. */
function* makeRoom(blocks: readonly Block[], count: number): Steps<Draft[]> {
  const drafts: Draft[] = [];
  while (drafts.length < count) {
    drafts.push({ bytes: EMPTY, filled: 0 });
    if (drafts.length % STRIDE === 0) yield;
  }
  for (const { bytes, filled } of blocks) {
    for (let at = 0, n = 1; at < filled; n++) {
      const end = endOf(bytes, at);
      const draft = drafts[placeOf(readHash(bytes, at), count)];
      if (draft !== undefined) draft.filled += end - at;
      at = end;
      if (n % STRIDE === 0) yield;
    }
    yield;
  }
  for (const [index, draft] of drafts.entries()) {
    draft.bytes = new Uint8Array(draft.filled);
    draft.filled = 0;
    if (index % STRIDE === 0) yield;
  }
  return drafts;
}

/** Puts every entry in its place; the blocks are let go of on the way. */
function* fill(drafts: readonly Draft[], blocks: Block[], totals: Totals): Steps<void> {
  blocks.reverse(); // popped, they come in the order they were filled
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    for (let at = 0, n = 1; at < block.filled; n++) {
      const end = endOf(block.bytes, at);
      const draft = drafts[placeOf(readHash(block.bytes, at), drafts.length)];
      if (draft !== undefined) insert(block.bytes.subarray(at, end), draft, totals);
      at = end;
      if (n % STRIDE === 0) yield;
    }
    yield;
  }
}

/** In place, for its bucket is not published yet. A customer that is there already gives way. */
function insert(entry: Uint8Array, draft: Draft, totals: Totals): void {
  const { bytes, filled } = draft;
  const located = locate(bytes, readCustomer(entry, 0), readHash(entry, 0), filled);
  const at = located < 0 ? ~located : located;
  const end = located < 0 ? at : endOf(bytes, at);
  if (located >= 0) {
    const { lo, hi } = readDigest(bytes, at);
    totals.size--;
    totals.lo = (totals.lo - lo) >>> 0;
    totals.hi = (totals.hi - hi) >>> 0;
  }
  bytes.copyWithin(at + entry.length, end, filled);
  bytes.set(entry, at);
  draft.filled = filled + entry.length - (end - at);
}

/** The buckets as they will stay, without the room that customers named twice have left. */
function* trim(drafts: readonly Draft[]): Steps<List<Bucket>> {
  const buckets = new List<Bucket>([], 0).edit();
  for (const { bytes, filled } of drafts) {
    buckets.set(buckets.length, filled === bytes.length ? bytes : bytes.slice(0, filled));
    if (buckets.length % STRIDE === 0) yield;
  }
  return buckets.finish();
}
