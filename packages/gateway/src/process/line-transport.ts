import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { isJsonObject } from "@attest/core";
import type { TransportLike } from "@attest/mcp-server";
import { ambiguousName } from "../wire/ambiguous-names.ts";
import { linesOf } from "./lines.ts";

/** MCP over two streams, as its stdio transport has it: a message a line. */
export class LineTransport implements TransportLike {
  onmessage: ((message: unknown, extra?: unknown) => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #maxLine: number;

  /** @param maxLine Characters of a line that comes; a longer one ends the transport. */
  constructor(input: Readable, output: Writable, maxLine: number) {
    this.#input = input;
    this.#output = output;
    this.#maxLine = maxLine;
    output.on("error", () => {});
  }

  /** Reads until the input ends. What two readers could read differently is answered here (G2). */
  async read(): Promise<void> {
    try {
      for await (const line of linesOf(this.#input, this.#maxLine)) {
        const message = parsed(line);
        const place = isJsonObject(message) ? ambiguousName(message) : undefined;
        if (message === undefined) await this.#refuse(null, -32700, "Parse error: not JSON");
        else if (place !== undefined)
          await this.#refuse(idOf(message), -32600, `Invalid request: ambiguous names in ${place}`);
        else this.onmessage?.(message);
      }
    } catch (error) {
      this.onerror?.(error as Error);
    }
  }

  /** Writes a message. Resolves when its reader has room for more. */
  async send(message: unknown): Promise<void> {
    if (!this.#output.writable) return;
    if (!this.#output.write(`${JSON.stringify(message)}\n`)) {
      await Promise.race([once(this.#output, "drain"), once(this.#output, "close")]);
    }
  }

  #refuse(id: unknown, code: number, message: string): Promise<void> {
    return this.send({ jsonrpc: "2.0", id, error: { code, message } });
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) ?? undefined;
  } catch {
    return undefined;
  }
}

function idOf(message: unknown): unknown {
  const { id } = isJsonObject(message) ? message : {};
  return typeof id === "string" || typeof id === "number" ? id : null;
}
