/** A peer's text as an event or a span can repeat it: printable ASCII, at most `length` characters. */
export function tellable(text: string | undefined, length = 256): string | undefined {
  return text?.slice(0, length).replace(/[^\x20-\x7e]/g, "?");
}
