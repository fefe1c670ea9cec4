import type { CallEnd } from "../call-end.ts";

/** Who reads a stream. */
export interface Reader {
  /** Ends with the stream, however that ends. */
  readonly call: CallEnd;
  /** Milliseconds for which it may take nothing of what waits for it. */
  readonly stoppedMs: number;
}

/** Pieces as a stream that asks for the next one when its reader does. A reader that takes nothing for too long gets no more (G4). */
export function readableOf(body: AsyncIterable<Uint8Array>, { call, stoppedMs }: Reader): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  let stopped: ReturnType<typeof setTimeout> | undefined;
  const end = async () => {
    clearTimeout(stopped);
    call.end();
    await pieces.return?.();
  };
  return new ReadableStream({
    async pull(controller) {
      clearTimeout(stopped);
      const { done, value } = await pieces.next();
      if (done) {
        call.end();
        return controller.close();
      }
      controller.enqueue(value);
      stopped = setTimeout(() => {
        controller.error(new Error("The reader has stopped"));
        void end();
      }, stoppedMs);
    },
    cancel: end,
  });
}
