import { AttestationError, HTTP_FIELDS } from "@attest/core";
import { finishAnswer, isToBeFinished, type ServerStance } from "../guard/answers.ts";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { type Exchange, exchangeOf } from "../guard/brand.ts";
import { bodyOf } from "../guard/carriers.ts";
import { classify, isObject, type JsonRpcId, objectAt } from "../guard/json-rpc.ts";
import { type GateReply, HttpGate, MAX_BODY, methodNotAllowed, tooLarge } from "./http-gate.ts";

/** The part of `createMcpHandler`'s handler that a gate stands before: `fetch`, which takes a body that is parsed already. */
export interface FetchHandler {
  /** Answers one request. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own option type, which this package does not import
  fetch(request: Request, options?: any): Promise<Response>;
}

/** A request under way whose answer may have to be finished. */
interface Asked {
  readonly id: JsonRpcId;
  readonly exchange: Exchange;
}

const guardedHandlers = new WeakSet<object>();
const encoder = new TextEncoder();

/**
 * A gate for web-standard handlers: `createMcpHandler` of the v2 SDK, alone, behind Hono or a Worker's `fetch`, or behind
 * `toNodeHandler`. POST, GET and DELETE are verified before the handler sees them, `subscriptions/listen` included, and
 * answers say what this protocol has them say: servers behind it need no `attestServer`. Make it once, not per request.
 *
 * The handler is called with `parsedBody`, which is what was verified; one that reads the request's body again fails.
 *
 * @returns The handler with a guarded `fetch`, and its other members as they are.
 * @throws AttestationError `ERR_ALREADY_ATTESTED` if the handler is guarded already; from `fetch`, `ERR_OPTION` if a
 * body parser has read the body before.
 */
export function attestHandler<H extends FetchHandler>(handler: H, guard: AttestationGuard): H {
  if (guardedHandlers.has(handler))
    throw new AttestationError("ERR_ALREADY_ATTESTED", "The handler is guarded already");
  const gate = new HttpGate(guard);

  const fetch = async (request: Request, options?: object): Promise<Response> => {
    const { method, headers } = request;
    if (method === "OPTIONS") return handler.fetch(request, options);
    if (!HttpGate.accepts(method)) return answer(methodNotAllowed());
    if (request.bodyUsed || objectAt({ options }, "options")["parsedBody"] !== undefined) {
      throw new AttestationError("ERR_OPTION", "attestHandler must come before any body parser: it needs the raw body");
    }
    const body = await readBody(request);
    if (body === undefined) return answer(tooLarge());
    const field = (name: string) => headers.get(name) ?? undefined;
    const decision = await gate.decide({
      method,
      body,
      attestation: listOf(field(HTTP_FIELDS.attestation)),
      proof: listOf(field(HTTP_FIELDS.proof)),
      authorization: field("Authorization"),
      sessionId: field("Mcp-Session-Id"),
    });
    if (decision.action === "reply") return answer(decision);
    const { message: parsedBody } = decision;
    const response = await handler.fetch(request, parsedBody === undefined ? options : { ...options, parsedBody });
    decision.answered(response.status, response.headers.get("mcp-session-id") ?? undefined);
    return finish(guard.stance, asked(parsedBody), response, decision.headers);
  };

  const guarded = new Proxy(handler, {
    get(target, name) {
      if (name === "fetch") return fetch;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
  });
  guardedHandlers.add(guarded).add(handler);
  return guarded;
}

/** A field's values: `Headers` joins several with a comma, which no value of ours contains. */
function listOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(",").map((part) => part.trim());
}

/** The raw body; `undefined` if it is too large. */
async function readBody({ body }: Request): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0]) return chunks[0];
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

function answer({ status, headers, body }: GateReply): Response {
  return new Response(body === "" ? null : body, { status, headers });
}

function asked(message: unknown): Asked | undefined {
  const kind = classify(message);
  const exchange = exchangeOf(objectAt(bodyOf(kind), "_meta"));
  return kind?.kind === "request" && exchange ? { id: kind.id, exchange } : undefined;
}

/** The handler's response with what the guard has to say in it: in fields, in a JSON body, in the events of a stream. */
async function finish(
  stance: ServerStance,
  request: Asked | undefined,
  response: Response,
  fields: Record<string, string>,
): Promise<Response> {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  const { status, statusText } = response;
  const init = { status, statusText, headers };
  const type = headers.get("content-type") ?? "";
  if (!request || response.body === null) return new Response(response.body, init);
  if (type.startsWith("text/event-stream")) {
    return new Response(response.body.pipeThrough(eventFinisher(stance, request)), init);
  }
  // Whole by now, so that whatever its handler refused is known.
  if (!type.startsWith("application/json") || !isToBeFinished(request.exchange)) {
    return new Response(response.body, init);
  }
  headers.delete("content-length");
  return new Response(finishText(stance, request, await response.text()), init);
}

/** A JSON-RPC message as text, finished if it is the answer to the request. */
function finishText(stance: ServerStance, { id, exchange }: Asked, text: string): string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return text;
  }
  if (!isObject(message) || message["id"] !== id || "method" in message) return text;
  return JSON.stringify(finishAnswer(stance, exchange, message));
}

/** Finishes the answer among the events of a stream, each of which is passed on as soon as it is whole. */
function eventFinisher(stance: ServerStance, request: Asked): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let rest = "";
  const finishEvent = (event: string): string => {
    if (!isToBeFinished(request.exchange)) return event;
    const data = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
    if (data.length === 0) return event;
    const text = data.map((line) => line.slice(5).replace(/^ /, "")).join("\n");
    const finished = finishText(stance, request, text);
    if (finished === text) return event;
    const others = event.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("data:"));
    return `${[...others, `data: ${finished}`].join("\n")}\n\n`;
  };
  return new TransformStream({
    transform(chunk, controller) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split(/(?<=\r?\n\r?\n)/);
      rest = parts.pop() ?? "";
      if (/\r?\n\r?\n$/.test(rest)) {
        parts.push(rest);
        rest = "";
      }
      for (const event of parts) controller.enqueue(encoder.encode(finishEvent(event)));
    },
    flush(controller) {
      rest += decoder.decode();
      if (rest !== "") controller.enqueue(encoder.encode(finishEvent(rest)));
    },
  });
}
