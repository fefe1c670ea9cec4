/** Bytes that come before anybody asks for them; beyond, the sender waits. */
const AHEAD = 16 * 1024;

/** What stops the sender for a while. */
interface Flow {
  pause(): void;
  resume(): void;
}

/** Who waits for what comes next. */
interface Waiting {
  resolve(next: IteratorResult<Uint8Array, undefined>): void;
  reject(error: Error): void;
}

/** A body on its way, read once. Beyond a small buffer no more comes than is asked for (G4). */
export class ArrivingBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #flow: Flow;
  readonly #giveUp: () => void;
  #come: Uint8Array[] = [];
  #ahead = 0;
  #paused = false;
  #end: { readonly error: Error | undefined } | undefined;
  #waiting: Waiting | undefined;

  /** @param giveUp Ends what sends the body. */
  constructor(flow: Flow, giveUp: () => void) {
    this.#flow = flow;
    this.#giveUp = giveUp;
  }

  /** A piece has come. */
  push(piece: Uint8Array): void {
    // Of a body that goes on after a pause, undici brings an empty piece first.
    if (piece.length === 0) return;
    const waiting = this.#waiting;
    if (waiting) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: piece });
      return;
    }
    this.#come.push(piece);
    this.#ahead += piece.length;
    if (this.#ahead < AHEAD) return;
    this.#paused = true;
    this.#flow.pause();
  }

  /** No more comes. @param error What it broke off by, if it did. */
  end(error?: Error): void {
    if (this.#end) return;
    this.#end = { error };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error) waiting?.reject(error);
    else waiting?.resolve({ done: true, value: undefined });
  }

  /** The whole body, if nothing was read of it and all of it is here. */
  here(): readonly Uint8Array[] | undefined {
    if (!this.#end || this.#end.error) return undefined;
    return this.#come;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next piece. Rejects with what the body broke off by, once what came before was read. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#come.shift();
    if (value) {
      this.#ahead -= value.length;
      if (this.#paused && this.#ahead === 0) {
        this.#paused = false;
        this.#flow.resume();
      }
      return { done: false, value };
    }
    if (this.#end?.error) throw this.#end.error;
    if (this.#end) return { done: true, value: undefined };
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** Ends what sends the body: nobody reads on. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#giveUp();
    return { done: true, value: undefined };
  }
}
