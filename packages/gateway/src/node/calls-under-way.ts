import type { ServerResponse } from "node:http";

/** Counts the calls that wait for one server, so that it is let go of when the last of them has its answer. */
export class CallsUnderWay {
  #count = 0;
  #none: () => void = () => {};

  /** A call begins. It ends with its response, however that ends. */
  begin(res: ServerResponse): void {
    this.#count++;
    res.on("close", () => {
      this.#count--;
      if (this.#count === 0) this.#none();
    });
  }

  /** Resolves when no call is under way, or so many milliseconds have passed. */
  async ended(withinMs: number): Promise<void> {
    if (this.#count === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#none = resolve;
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
  }
}
