import { AttestationError, HTTP_FIELDS, isJsonObject, optionError } from "@attest/core";
import { isOwnField } from "../guard/answers.ts";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { exchangeIn } from "../guard/exchange.ts";
import { classify } from "../guard/json-rpc.ts";
import { type AnswerFilter, type Asked, filterOf } from "./answer-filter.ts";
import { type AttachOptions, attachOptions } from "./attach-options.ts";
import { bodyConsumed } from "./body-consumed.ts";
import { handlerBody } from "./handler-body.ts";
import { type GateReply, HttpGate, methodNotAllowed, tooLarge } from "./http-gate.ts";
import { markedRequest } from "./marked-request.ts";
import { listeningProblem } from "./neighbours.ts";
import { readBody } from "./read-body.ts";

/** An object whose `fetch` answers requests, as `createMcpHandler` of the v2 SDK and a Worker's default export. */
export interface FetchHandler {
  /** Answers one request. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own option type, which this package does not import
  fetch(request: Request, options?: any, ...rest: any[]): Response | Promise<Response>;
}

/** A function that answers requests, as several frameworks make their handlers. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a platform passes next to the request
export type CallableHandler = (request: Request, ...rest: any[]) => Response | Promise<Response>;

type Call = (request: Request, ...rest: unknown[]) => Response | Promise<Response>;

const guardedHandlers = new WeakSet<object>();
/** Members of a function that act on the function itself, and so on the guarded one. */
const FUNCTION_MEMBERS: ReadonlySet<unknown> = new Set(["apply", "bind", "call"]);

/**
 * A gate for web-standard handlers: `createMcpHandler` of the v2 SDK, a Worker's `{ fetch }`, or a function from a request
 * to a response. POST, GET and DELETE are verified before the handler sees them, `subscriptions/listen` included, and
 * answers say what this protocol has them say. Make it once, not per request.
 *
 * The handler gets a request whose body it can read; its `json()` is the verified message, which tells handlers who calls. A
 * `fetch` that takes options also gets it as `parsedBody`. Every other function of the handler that is called with a
 * request goes through the gate as well, as does a handler inside it. One that is called with a framework's context, or a
 * node:http request, refuses: the gate would not see the request.
 *
 * @returns The handler, guarded, with its other members as they are.
 * @throws AttestationError `ERR_OPTION` for an option that makes no sense, or if the value has no `fetch` and is not a
 * function; `ERR_ALREADY_ATTESTED` if the handler is guarded already.
 * @example
 * ```ts
 * import { type AttestationGuard, attestHandler } from "@attest/mcp-server";
 * import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
 *
 * declare const guard: AttestationGuard;
 * const handler = createMcpHandler(() => new McpServer({ name: "bank", version: "1.0.0" }));
 * export default attestHandler(handler, guard);
 * ```
 */
export function attestHandler<H extends FetchHandler | CallableHandler>(
  handler: H,
  guard: AttestationGuard,
  options: AttachOptions = {},
): H {
  assertHandler(handler);
  if (guardedHandlers.has(handler)) {
    throw new AttestationError(
      "ERR_ALREADY_ATTESTED",
      "The handler is guarded already. Guard each handler once; one guard may guard many handlers",
    );
  }
  const guarded = guardMembers(handler, gateFor(guard, attachOptions(options, "attestHandler")));
  guardedHandlers.add(guarded).add(handler);
  return guarded;
}

/** A handler of which every function that answers requests goes through the gate, as do those of the handlers inside it. */
function guardMembers<H extends object>(handler: H, serve: Serve): H {
  const members = new WeakMap<object, unknown>();
  const memberOf = (name: PropertyKey): unknown => {
    const value: unknown = Reflect.get(handler, name, handler);
    if (name === "constructor" || FUNCTION_MEMBERS.has(name)) return value;
    if (typeof value !== "function" && !isFetchHandler(value)) return value;
    const member =
      members.get(value) ?? (typeof value === "function" ? gated(name, value) : guardMembers(value, serve));
    members.set(value, member);
    return member;
  };
  const gated = (name: PropertyKey, value: object): Call => {
    const call: Call = (...args) => Reflect.apply(value as Call, handler, args);
    return (...args) => {
      if (name === "fetch" || isRequest(args[0])) return serve(call, args, name === "fetch");
      if (bringsRequest(args[0])) throw noRequest();
      return call(...args);
    };
  };
  return new Proxy(handler, {
    apply: (target, self, args: unknown[]) =>
      serve((...rest) => Reflect.apply(target as Call, self, rest), args, false),
    get: (_, name) => memberOf(name),
    getOwnPropertyDescriptor(target, name) {
      const descriptor = Reflect.getOwnPropertyDescriptor(target, name);
      const isValue = descriptor?.configurable && "value" in descriptor;
      return isValue ? { ...descriptor, value: memberOf(name) } : descriptor;
    },
  });
}

/** @param takesOptions Whether the second argument may be the SDK's options, to which `parsedBody` belongs. */
type Serve = (call: Call, args: readonly unknown[], takesOptions: boolean) => Promise<Response>;

function gateFor(guard: AttestationGuard, { reparsed, maxEvent }: Required<AttachOptions>): Serve {
  const gate = new HttpGate(guard);
  const { maxBody } = guard.configuration;
  return async (call, [first, ...rest], takesOptions) => {
    if (!isRequest(first)) throw noRequest();
    const request = first as Request;
    const { method, headers } = request;
    if (method === "OPTIONS") return call(request, ...rest);
    if (!HttpGate.accepts(method)) return answer(methodNotAllowed());
    const [given] = rest;
    const sdkOptions = takesOptions && rest.length <= 1 && (given === undefined || isJsonObject(given));
    const parsed = sdkOptions && isJsonObject(given) ? given["parsedBody"] : undefined;
    const consumed = parsed !== undefined || request.bodyUsed;
    const body = consumed ? undefined : await readBody(request, maxBody);
    if (!consumed && body === undefined) return answer(tooLarge(maxBody));
    if (body === undefined || (method === "POST" && isMissing(body, headers))) {
      const mistake = bodyConsumed(guard);
      return mistake ? answer(mistake) : call(request, ...rest);
    }
    const field = (name: string) => headers.get(name) ?? undefined;
    const decision = await gate.decide({
      method,
      body,
      attestation: listOf(field(HTTP_FIELDS.attestation)),
      proof: listOf(field(HTTP_FIELDS.proof)),
      authorization: field("Authorization"),
      sessionId: field("Mcp-Session-Id"),
      protocolVersion: field("MCP-Protocol-Version"),
    });
    if (decision.action === "reply") return answer(decision);
    const { message } = decision;
    const rpc = classify(message);
    const exchange = exchangeIn(rpc);
    const next =
      method === "POST" ? markedRequest(request, handlerBody(body, message, exchange, reparsed), message) : request;
    const args = sdkOptions && message !== undefined ? [{ ...(given as object), parsedBody: message }] : rest;
    const response = await call(next, ...args);
    const unmet = exchange && (await listeningProblem(guard, rpc, exchange));
    if (unmet) {
      await response.body?.cancel();
      return answer(unmet);
    }
    decision.answered(response.status, response.headers.get("mcp-session-id") ?? undefined);
    const asked: Asked = {
      options: guard.answerOptions,
      request: rpc?.kind === "request" && exchange ? { id: rpc.id, exchange } : undefined,
      maxEvent,
    };
    return finish(asked, response, decision.headers);
  };
}

/** Whether a value is a request, of whichever realm or library. */
function isRequest(value: unknown): boolean {
  const { method, url, headers } = (value ?? {}) as Partial<Request>;
  return typeof method === "string" && typeof url === "string" && typeof headers?.get === "function";
}

/** Whether a value has a request in it that a handler could answer: a context of Hono or Cloudflare Pages, a node:http request. */
function bringsRequest(value: unknown): boolean {
  const { request, req, method, url } = (value ?? {}) as Record<"request" | "req" | "method" | "url", unknown>;
  const inside = [request, req, (req as { raw?: unknown } | undefined)?.raw];
  return inside.some(isRequest) || (typeof method === "string" && typeof url === "string");
}

function noRequest(): AttestationError {
  return optionError(
    "request",
    "must be a web-standard request: a handler that is guarded by attestHandler takes a Request as its first argument. " +
      "Call it with the one inside a framework's context, and use attestNodeHandler for node:http",
  );
}

function isFetchHandler(value: unknown): value is FetchHandler {
  return typeof value === "object" && value !== null && typeof (value as Partial<FetchHandler>).fetch === "function";
}

function assertHandler(handler: unknown): void {
  const { fetch, default: inner } = (handler ?? {}) as { fetch?: unknown; default?: unknown };
  if (typeof handler === "function" || typeof fetch === "function") return;
  const hint = inner === undefined ? "" : ": pass the module's default export";
  throw optionError("handler", `must be a function or have a fetch function${hint}`);
}

/** A field's values: `Headers` joins several with a comma, which no value of ours contains. */
function listOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(",").map((part) => part.trim());
}

/** Whether a body was announced and nothing is left of it: somebody read it before. */
function isMissing(body: Uint8Array, headers: Headers): boolean {
  if (body.length > 0) return false;
  return Number(headers.get("content-length") ?? 0) > 0 || headers.has("transfer-encoding");
}

function answer({ status, headers, body }: GateReply): Response {
  return new Response(body === "" ? null : body, { status, headers });
}

/** The handler's response with what the guard has to say in it: in fields, in a JSON body, in the events of a stream. */
function finish(asked: Asked, response: Response, fields: Record<string, string>): Response {
  const headers = new Headers(response.headers);
  for (const name of [...headers.keys()].filter(isOwnField)) headers.delete(name);
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  const { status, statusText, body } = response;
  // An upgraded connection is no answer that could be made again.
  if (status === 101) return response;
  const filter = body && filterOf(asked, headers.get("content-type") ?? undefined);
  if (!filter) return new Response(body, { status, statusText, headers });
  headers.delete("content-length");
  return new Response(filtered(body, filter), { status, statusText, headers });
}

/** The filtered stream, read as its reader asks for more. */
function filtered(body: ReadableStream<Uint8Array>, filter: AnswerFilter): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read();
        const pieces = done ? filter.end() : filter.push(value);
        for (const piece of pieces) controller.enqueue(piece);
        if (filter.broken) await reader.cancel();
        if (done || filter.broken) return controller.close();
        if (pieces.length > 0) return;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
