/** The host of an authority (`:authority`, byte string): in lower case and without its port. An IPv6 address keeps its brackets. */
export function hostOf(authority: string): string {
  const port = /:[0-9]*$/.exec(authority);
  return lowerAscii(port === null ? authority : authority.slice(0, port.index));
}

/** ASCII letters alone: String.toLowerCase would map Latin-1 bytes (É → é) and so merge names that differ. */
export function lowerAscii(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) return text.replace(/[A-Z]+/g, (run) => run.toLowerCase()); // seldom
  }
  return text;
}
