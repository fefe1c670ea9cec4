import { EXTENSION } from "@attest/core";
import { finishAnswer, isToBeFinished, mayNameProtocol } from "../guard/answers.ts";
import type { Exchange } from "../guard/exchange.ts";
import { isObject, type JsonRpcId, objectAt } from "../guard/json-rpc.ts";
import type { AnswerOptions } from "../guard/refusals.ts";
import { EventSplitter, readEvent } from "./event-splitter.ts";

/** Characters of one event that a guard holds, unless set otherwise. */
export const DEFAULT_MAX_EVENT: number = 16 * 1024 * 1024;

/** What a gate knows of the request that is being answered. */
export interface Asked {
  readonly options: AnswerOptions;
  /** The request; `undefined` for a GET, or for a message that has no answer. */
  readonly request: { readonly id: JsonRpcId; readonly exchange: Exchange } | undefined;
  /** Largest event that is passed on, in characters. */
  readonly maxEvent: number;
}

/** The body of an answer on its way through a gate, in pieces of any size. */
export interface AnswerFilter {
  /** What can be passed on once this piece has come; often nothing, or more than one piece. */
  push(piece: Uint8Array): Uint8Array;
  /** The rest, when everything has come. */
  end(): Uint8Array;
  /** Whether nothing more is to be passed on: an event was larger than allowed. */
  readonly broken: boolean;
}

const encoder = new TextEncoder();
const NOTHING = new Uint8Array();

/**
 * What becomes of the body of an answer: what this protocol says is added, and what only sounds like this protocol is
 * removed. Returns `undefined` for a body that holds no JSON-RPC messages, which passes as it is.
 */
export function filterOf(asked: Asked, contentType: string | undefined): AnswerFilter | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  if (type === "text/event-stream") return new EventFilter(asked);
  return type === "application/json" ? new JsonFilter(asked) : undefined;
}

/** A JSON body is looked at when it is whole: by then it is known what its handler refused. */
class JsonFilter implements AnswerFilter {
  readonly broken = false;
  readonly #asked: Asked;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  push(piece: Uint8Array): Uint8Array {
    this.#text += this.#decoder.decode(piece, { stream: true });
    return NOTHING;
  }

  end(): Uint8Array {
    return encoder.encode(finishText(this.#asked, this.#text + this.#decoder.decode()));
  }
}

/** Events are looked at one by one, and each is passed on as soon as it is whole. */
class EventFilter implements AnswerFilter {
  readonly #asked: Asked;
  readonly #decoder = new TextDecoder();
  readonly #splitter = new EventSplitter();
  broken = false;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  push(piece: Uint8Array): Uint8Array {
    if (this.broken) return NOTHING;
    const events = this.#splitter.push(this.#decoder.decode(piece, { stream: true }));
    let finished = "";
    for (const event of events) finished += finishEvent(this.#asked, event);
    if (this.#splitter.pending > this.#asked.maxEvent) finished += this.#break();
    return finished === "" ? NOTHING : encoder.encode(finished);
  }

  end(): Uint8Array {
    if (this.broken) return NOTHING;
    const rest = this.#splitter.push(this.#decoder.decode()).join("") + this.#splitter.end();
    return rest === "" ? NOTHING : encoder.encode(finishEvent(this.#asked, rest));
  }

  /** Ends the stream with an error in the place of the event that is too large. */
  #break(): string {
    this.broken = true;
    const error = { code: -32603, message: `An event is larger than ${this.#asked.maxEvent} characters` };
    const answer = { jsonrpc: "2.0", id: this.#asked.request?.id ?? null, error };
    return `event: message\ndata: ${JSON.stringify(answer)}\n\n`;
  }
}

function finishEvent(asked: Asked, event: string): string {
  const { request } = asked;
  if (!(request && isToBeFinished(request.exchange)) && !mayNameProtocol(event)) return event;
  const { data, others } = readEvent(event);
  if (data === undefined) return event;
  const finished = finishText(asked, data);
  return finished === data ? event : `${[...others, `data: ${finished}`].join("\n")}\n\n`;
}

/** A JSON-RPC message as text, or a list of them, finished where they are answers. */
function finishText(asked: Asked, text: string): string {
  const { request } = asked;
  if (!(request && isToBeFinished(request.exchange)) && !mayNameProtocol(text)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const finished = Array.isArray(value) ? value.map((each) => finishMessage(asked, each)) : finishMessage(asked, value);
  const same = Array.isArray(value)
    ? value.every((each, i) => each === (finished as unknown[])[i])
    : finished === value;
  return same ? text : JSON.stringify(finished);
}

function finishMessage({ options, request }: Asked, message: unknown): unknown {
  if (!isObject(message) || "method" in message) return message;
  const exchange = request && message["id"] === request.id ? request.exchange : undefined;
  // A stream that a GET resumes repeats what a guarded server said before; no client acts on these of itself.
  if (!request && isHandlersRefusal(message["error"])) return message;
  return finishAnswer(options, exchange, message);
}

const HANDLERS_REASONS: ReadonlySet<unknown> = new Set(["attestation_required", "attestation_claims_insufficient"]);

function isHandlersRefusal(error: unknown): boolean {
  const { extension, reason } = objectAt(error, "data");
  return extension === EXTENSION && HANDLERS_REASONS.has(reason);
}
