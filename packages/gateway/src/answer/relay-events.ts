import type { AnswerFilter } from "@attest/mcp-server/gate";

/** What is known of a stream when it has ended. */
export interface StreamEnd {
  /** The events had ids, so the agent can ask for the rest of them. */
  readonly resumable: boolean;
  /** It ended by itself, and not by a failure. */
  readonly whole: boolean;
  /** An event was larger than allowed: the agent was sent an error in its place. */
  readonly tooLarge: boolean;
}

const ID_LINE = /(?:^|[\r\n])id:/;

/**
 * Passes on an event stream, event by event, as its reader asks for more.
 *
 * @param last What is sent at the end, if anything; called with how the stream ended.
 */
export async function* relayEvents(
  body: AsyncIterable<Uint8Array>,
  filter: AnswerFilter,
  last: (end: StreamEnd) => string | undefined,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder("latin1");
  let resumable = false;
  let tail = "\n";
  let whole = true;
  try {
    for await (const piece of body) {
      if (!resumable) {
        const text = tail + decoder.decode(piece);
        resumable = ID_LINE.test(text);
        tail = text.slice(-4);
      }
      yield* filter.push(piece);
      if (filter.broken) break;
    }
  } catch {
    whole = false;
  }
  // Of an event that no blank line has ended nothing is passed on: readers drop it.
  const text = last({ resumable, whole, tooLarge: filter.broken });
  if (text !== undefined) yield new TextEncoder().encode(text);
}
