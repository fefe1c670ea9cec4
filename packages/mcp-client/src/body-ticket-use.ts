import type { Attempts } from "./attempts.ts";
import type { MessageName, TicketUse } from "./credentials.ts";
import { objectOf } from "./declare.ts";
import { messageName } from "./message-name.ts";
import type { OutgoingRequest } from "./outgoing-request.ts";

const decoder = new TextDecoder();
const NOTHING: Record<string, unknown> = {};

/**
 * How an HTTP request may use tickets: by what the body that is sent says (SPEC-19.25). The body is read when that is asked for: to an
 * agent that holds a ticket, and of whom no signature was demanded, most bodies are all the same.
 */
export class BodyTicketUse implements TicketUse {
  readonly #request: OutgoingRequest;
  readonly #attempts: Attempts;
  #message: Record<string, unknown> | undefined;
  #name: MessageName | undefined;

  constructor(request: OutgoingRequest, attempts: Attempts) {
    this.#request = request;
    this.#attempts = attempts;
  }

  get sign(): boolean {
    return this.#attempts.mustSign;
  }

  /** Only an answer to a JSON-RPC request brings a ticket. */
  get ask(): boolean {
    const { method, id } = this.#read();
    return typeof method === "string" && id !== undefined;
  }

  get method(): string | undefined {
    return this.#named().method;
  }

  get target(): string | undefined {
    return this.#named().target;
  }

  get initialize(): boolean {
    const text = this.#text();
    // Written plainly, or with an escape for one of its characters.
    return (text.includes("initialize") || text.includes("\\u00")) && this.method === "initialize";
  }

  #named(): MessageName {
    this.#name ??= messageName(this.#read());
    return this.#name;
  }

  #read(): Record<string, unknown> {
    this.#message ??= this.#parse();
    return this.#message;
  }

  #parse(): Record<string, unknown> {
    try {
      return objectOf(JSON.parse(this.#text()));
    } catch {
      return NOTHING;
    }
  }

  #text(): string {
    const { method, init, bytes } = this.#request;
    if (method !== "POST") return "";
    return typeof init.body === "string" ? init.body : decoder.decode(bytes);
  }
}
