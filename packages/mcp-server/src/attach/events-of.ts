import { EventSplitter, readEvent } from "./event-splitter.ts";
import { Pieces } from "./pieces.ts";
import { textOf } from "./text-of.ts";

const latin1 = new TextDecoder("latin1");

/** One event of a stream. */
export interface StreamEvent {
  /** Its `data` lines, joined by line feeds; `undefined` for an event without data. */
  readonly data: string | undefined;
  /** Its `id`, from which a client resumes the stream; `undefined` where it has none. */
  readonly id: string | undefined;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retry: number | undefined;
}

/**
 * The events of a stream, as they come.
 *
 * @param body The stream's bytes, in pieces of any size.
 * @param most Bytes of one event; a larger one ends the stream with an error.
 */
export async function* eventsOf(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<StreamEvent> {
  const splitter = new EventSplitter();
  let pieces = new Pieces();
  let isFirst = true;
  for await (const piece of body) {
    let from = 0;
    for (const end of splitter.push(piece, latin1.decode(piece))) {
      pieces.push(piece.subarray(from, end));
      from = end;
      yield eventOf(textOf(pieces.take()), isFirst);
      isFirst = false;
      pieces = new Pieces();
    }
    pieces.push(piece.subarray(from));
    if (pieces.length > most) throw new RangeError(`An event is larger than ${most} bytes`);
  }
}

function eventOf(text: string, isFirst: boolean): StreamEvent {
  const { data, others } = readEvent(text, isFirst);
  const field = (name: string) =>
    others
      .findLast((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .replace(/^ /, "");
  const retry = field("retry");
  return { data, id: field("id"), retry: retry !== undefined && /^\d{1,6}$/.test(retry) ? Number(retry) : undefined };
}
