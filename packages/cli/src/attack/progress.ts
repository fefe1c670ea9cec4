import type { WriteStream } from "node:tty";

type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY" | "columns">>;

/** Tells on a stream how far a run is: one line that changes on a terminal, a line for each attack elsewhere. */
export class Progress {
  readonly #stream: Output;
  #place = "";

  constructor(stream: Output) {
    this.#stream = stream;
  }

  begin(id: string, index: number, total: number): void {
    this.#place = `${index}/${total}`;
    if (this.#stream.isTTY) this.#show(`${this.#place} ${id}`);
  }

  end(id: string, outcome: string): void {
    if (!this.#stream.isTTY) this.#stream.write(`${this.#place} ${id}: ${outcome}\n`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#show("");
  }

  #show(text: string): void {
    this.#stream.write(`\r\u001b[K${text.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }
}
