/** No line of an audit log is longer, in UTF-16 code units. */
export const MAX_LINE = 64 * 1024;

/**
 * Reads the lines of a stream one at a time, without their line breaks (`\n`), so that a file of any size takes little memory.
 * A line longer than `MAX_LINE` ends the reading: its beginning is handed out, which is still longer than that.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
      yield rest.slice(from, end);
      from = end + 1;
    }
    rest = rest.slice(from);
    if (rest.length > MAX_LINE) break;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
