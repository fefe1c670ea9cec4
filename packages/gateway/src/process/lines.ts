import type { Readable } from "node:stream";

/**
 * The lines of a stream, as they come. A line that is longer than allowed ends the stream with an error: it is not held.
 *
 * @param most Characters of a line.
 */
export async function* linesOf(stream: Readable, most: number): AsyncGenerator<string> {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const text of stream as AsyncIterable<string>) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > most) throw new RangeError(`A line is longer than ${most} characters`);
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  if (rest.trim() !== "") yield rest;
}
