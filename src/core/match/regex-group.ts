import type { Asked } from "./asked.ts";
import { MAX_REGEX_SIZE, MAX_SET, type Regex, RegexSet } from "./regex.ts";

/**
 * Regexes of routes whose paths begin alike, and so are candidates together: the path is read for all of them at once, when the
 * first is asked, and the others know. Two hundred of `/v[0-9]+/…` would cost a request 90 µs one by one.
 */
export class RegexGroup {
  readonly #regexes: Regex[] = [];
  #size = 0;
  #set: RegexSet | undefined; // of two or more, once the group is closed
  #serial = -1; // of the request that was read last
  #bits = 0; // what matched it

  /** Whether this one still fits: what is compiled at once stays small. */
  takes({ size }: Regex): boolean {
    return this.#regexes.length < MAX_SET && this.#size + size <= MAX_REGEX_SIZE;
  }

  /** Returns the regex's number in the group, for `matches`. Before `close`. */
  add(regex: Regex): number {
    this.#size += regex.size;
    return this.#regexes.push(regex) - 1;
  }

  close(): void {
    if (this.#regexes.length > 1) this.#set = new RegexSet(this.#regexes);
  }

  matches(number: number, { bare, serial }: Asked): boolean {
    if (this.#set === undefined) return this.#regexes[number]?.matches(bare) ?? false;
    if (this.#serial !== serial) {
      this.#bits = this.#set.match(bare);
      this.#serial = serial;
    }
    return (this.#bits & (1 << number)) !== 0;
  }
}

/** Puts each regex of a table into the open group of its prefix. */
export class RegexGroups {
  readonly #open = new Map<string, RegexGroup>();
  readonly #full: RegexGroup[] = [];

  /** The group that it joins. */
  join(regex: Regex): RegexGroup {
    const open = this.#open.get(regex.prefix);
    if (open?.takes(regex)) return open;
    if (open !== undefined) this.#full.push(open);
    const group = new RegexGroup();
    this.#open.set(regex.prefix, group);
    return group;
  }

  /** Of all that joined: each is to be closed before a request is matched. */
  get all(): readonly RegexGroup[] {
    return [...this.#full, ...this.#open.values()];
  }
}
