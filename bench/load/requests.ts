const HEAD_END = Buffer.from("\r\n\r\n");

/** The start of a request whose end has not come yet. */
export type Unfinished = Buffer | undefined;

/** How many requests without a body end in these bytes, which follow on what was unfinished before. */
export function countRequests(chunk: Buffer, before: Unfinished): { readonly requests: number; readonly unfinished: Unfinished } {
  const bytes = before === undefined ? chunk : Buffer.concat([before, chunk]);
  let requests = 0;
  let at = 0;
  for (let end = bytes.indexOf(HEAD_END); end >= 0; end = bytes.indexOf(HEAD_END, at)) {
    requests++;
    at = end + HEAD_END.length;
  }
  return { requests, unfinished: at === bytes.length ? undefined : bytes.subarray(at) };
}
