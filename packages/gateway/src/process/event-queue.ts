/** Messages on their way to a reader who takes them in his own time. */
export class EventQueue implements AsyncIterable<Uint8Array> {
  readonly #events: Uint8Array[] = [];
  readonly #onChange: () => void;
  #wake: () => void = () => {};
  #ended = false;
  /** Bytes that wait. */
  waiting = 0;

  /** @param onChange Called when `waiting` has changed. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Whether it takes no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a JSON-RPC message, as one event. */
  push(message: string): void {
    if (this.#ended) return;
    const event = new TextEncoder().encode(`event: message\ndata: ${message}\n\n`);
    this.#events.push(event);
    this.waiting += event.length;
    this.#onChange();
    this.#wake();
  }

  /** No more will come. What waits is still read. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const event = this.#events.shift();
        if (event) {
          this.waiting -= event.length;
          this.#onChange();
          yield event;
        } else if (this.#ended) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.#ended = true;
      this.waiting = 0;
      this.#onChange();
    }
  }
}
