import { EXTENSION, isJsonObject } from "@attest/core";
import { finishAnswer, isToBeFinished } from "../guard/answers.ts";
import type { Exchange } from "../guard/exchange.ts";
import { type JsonRpcId, objectAt } from "../guard/json-rpc.ts";
import type { AnswerOptions } from "../guard/refusals.ts";
import { EventSplitter, readEvent } from "./event-splitter.ts";
import { mayNameProtocol, NameFinder } from "./name-finder.ts";
import { Pieces } from "./pieces.ts";
import { textOf } from "./text-of.ts";

/** What a gate knows of the request that is being answered. */
export interface Asked {
  /** What answers say about this server. */
  readonly options: AnswerOptions;
  /** The request; `undefined` for a GET, or for a message that has no answer. */
  readonly request: { readonly id: JsonRpcId; readonly exchange: Exchange } | undefined;
  /** What becomes of a result or an error before the guard finishes it. Default: it stays as it is. */
  rewrite?(answer: Record<string, unknown>): Record<string, unknown>;
  /** Largest event that is passed on, in bytes. */
  readonly maxEvent: number;
}

/** The body of an answer on its way through a gate, in pieces of any size. */
export interface AnswerFilter {
  /** What can be passed on once this piece has come: often nothing, or what came before. */
  push(piece: Uint8Array): readonly Uint8Array[];
  /** The rest, when everything has come. */
  end(): readonly Uint8Array[];
  /** Whether nothing more is to be passed on: an event was larger than allowed. */
  readonly broken: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * What becomes of the body of an answer: what this protocol says is added, and what only sounds like this protocol is
 * removed. Everything else leaves as it is, byte for byte. Returns `undefined` for a body that holds no JSON-RPC messages.
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
  readonly #pieces: Uint8Array[] = [];

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  push(piece: Uint8Array): readonly Uint8Array[] {
    this.#pieces.push(piece);
    return [];
  }

  end(): readonly Uint8Array[] {
    const text = textOf(this.#pieces);
    const finished = finishText(this.#asked, text);
    return finished === text ? this.#pieces : [encoder.encode(finished)];
  }
}

/** Events are looked at one by one, and each is passed on as soon as it is whole. */
class EventFilter implements AnswerFilter {
  readonly #asked: Asked;
  readonly #splitter = new EventSplitter();
  readonly #finder = new NameFinder();
  /** Of the event that has not ended yet. */
  #pieces = new Pieces();
  #isFirst = true;
  broken = false;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  push(piece: Uint8Array): readonly Uint8Array[] {
    if (this.broken) return [];
    const out: Uint8Array[] = [];
    // What is looked for is ASCII, so it does not matter where this cuts longer characters.
    const text = decoder.decode(piece);
    let from = 0;
    for (const end of this.#splitter.push(piece, text)) {
      this.#hold(piece, text, from, end);
      out.push(...this.#finish());
      from = end;
    }
    this.#hold(piece, text, from, piece.length);
    if (this.#pieces.length > this.#asked.maxEvent) out.push(this.#break());
    return out;
  }

  end(): readonly Uint8Array[] {
    return this.broken ? [] : this.#finish();
  }

  /** Holds the part of a piece that belongs to the event. */
  #hold(piece: Uint8Array, text: string, from: number, to: number): void {
    if (from === to) return;
    const part = from === 0 && to === piece.length ? piece : piece.subarray(from, to);
    this.#pieces.push(part);
    if (this.#mustFinish) return;
    // Where the offsets of text and bytes differ, all of the piece is looked at: at worst one event too many is parsed.
    this.#finder.push(part === piece || text.length !== piece.length ? text : text.slice(from, to));
  }

  #finish(): readonly Uint8Array[] {
    const pieces = this.#pieces.take();
    const looked = this.#mustFinish || this.#finder.end();
    this.#pieces = new Pieces();
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (!looked || pieces.length === 0) return pieces;
    const text = textOf(pieces);
    if (!mayAnswer(text) && !mayNameProtocol(text)) return pieces;
    const { data, others } = readEvent(text, isFirst);
    const finished = data === undefined ? undefined : finishText(this.#asked, data);
    if (finished === undefined || finished === data) return pieces;
    // Large texts are not joined: each copy would cost as much as reading them does.
    const head = [...others, "data: "].join("\n");
    return [encoder.encode(head), encoder.encode(finished), encoder.encode("\n\n")];
  }

  get #mustFinish(): boolean {
    return isToBeRead(this.#asked);
  }

  /** Ends the stream with an error instead of the event that is too large. */
  #break(): Uint8Array {
    this.broken = true;
    this.#pieces = new Pieces();
    const error = { code: -32603, message: `An event is larger than ${this.#asked.maxEvent} bytes` };
    const answer = { jsonrpc: "2.0", id: this.#asked.request?.id ?? null, error };
    return encoder.encode(`event: message\ndata: ${JSON.stringify(answer)}\n\n`);
  }
}

/** A JSON-RPC message as text, or a list of them, finished where they are answers. */
function finishText(asked: Asked, text: string): string {
  if (!isToBeRead(asked) && !mayNameProtocol(text)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return finishValue(asked, text, value);
}

/** The same for a JSON text that was parsed already, whole. */
export function finishJson(asked: Asked, { text, value }: { readonly text: string; readonly value: unknown }): string {
  return isToBeRead(asked) || mayNameProtocol(text) ? finishValue(asked, text, value) : text;
}

function finishValue(asked: Asked, text: string, value: unknown): string {
  if (!Array.isArray(value)) {
    const finished = finishMessage(asked, value);
    return finished === value ? text : JSON.stringify(finished);
  }
  const finished = value.map((each) => finishMessage(asked, each));
  return finished.every((each, i) => each === value[i]) ? text : JSON.stringify(finished);
}

/** Whether answers are read even if they do not name this protocol. */
function isToBeRead({ request, rewrite }: Asked): boolean {
  return rewrite !== undefined || (request !== undefined && isToBeFinished(request.exchange));
}

/** Whether JSON text can be a result or an error. Escapes can spell anything. */
function mayAnswer(text: string): boolean {
  return text.includes('"result"') || text.includes('"error"') || text.includes("\\u");
}

function finishMessage(asked: Asked, given: unknown): unknown {
  if (!isJsonObject(given) || "method" in given) return given;
  const { options, request } = asked;
  const message = asked.rewrite?.(given) ?? given;
  const exchange = request && message["id"] === request.id ? request.exchange : undefined;
  // A stream that a GET resumes repeats what a guarded server said before; no client acts on these by itself.
  if (!request && isHandlersRefusal(message["error"])) return message;
  return finishAnswer(options, exchange, message);
}

const HANDLERS_REASONS: ReadonlySet<unknown> = new Set([
  "attestation_required",
  "attestation_claims_insufficient",
  "attestation_signature_required",
  "attestation_definition_mismatch",
]);

function isHandlersRefusal(error: unknown): boolean {
  const { extension, reason } = objectAt(error, "data");
  return extension === EXTENSION && HANDLERS_REASONS.has(reason);
}
