import type { IncomingMessage, ServerResponse } from "node:http";
import { AttestationError, HTTP_FIELDS } from "@attest/core";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { ambiguousSession, type GateReply, HttpGate, MAX_BODY, methodNotAllowed, tooLarge } from "./http-gate.ts";

/** Handles a request that was let through; `body` is what to dispatch, as v1's `transport.handleRequest(req, res, body)`. */
export type NodeHandler = (req: IncomingMessage, res: ServerResponse, body: unknown) => void | Promise<void>;

/**
 * A gate for `node:http` and Express in front of the SDK's Streamable HTTP transport: POST, GET and DELETE are verified,
 * with credentials in HTTP fields or in the message, before the transport sees them. Make it once, not per request.
 *
 * The servers behind it also need `attestServer(server, guard)` with the same guard: the gate decides what gets in, the
 * server's wrapper what answers say. It must read the raw body itself: mount it before any body parser.
 */
export function attestNodeHandler(
  handler: NodeHandler,
  guard: AttestationGuard,
): (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => Promise<void> {
  const gate = new HttpGate(guard);
  return async (req, res, next) => {
    try {
      await serve(gate, handler, req, res);
    } catch (error) {
      // Somebody who hangs up must not end the process by a rejection that nobody handles.
      if (req.destroyed && !req.complete) return;
      if (next) return next(error);
      if (!res.headersSent) res.writeHead(500);
      res.end();
      // A mistake in how the gate is mounted is loud; what a handler throws must not end the process.
      if (error instanceof AttestationError && error.code === "ERR_OPTION") throw error;
    }
  };
}

async function serve(gate: HttpGate, handler: NodeHandler, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { method = "" } = req;
  if (method === "OPTIONS") return handler(req, res, undefined);
  if (!HttpGate.accepts(method)) return answer(res, methodNotAllowed());
  const body = await readBody(req);
  if (body === undefined) return answer(res, tooLarge());
  const field = (name: string) => req.headersDistinct[name.toLowerCase()] ?? [];
  const sessionIds = field("Mcp-Session-Id");
  if (sessionIds.length > 1) return answer(res, ambiguousSession());
  const decision = await gate.decide({
    method,
    body,
    attestation: field(HTTP_FIELDS.attestation),
    proof: field(HTTP_FIELDS.proof),
    authorization: req.headers.authorization,
    sessionId: sessionIds[0],
  });
  if (decision.action === "reply") return answer(res, decision);
  for (const [name, value] of Object.entries(decision.headers)) res.setHeader(name, value);
  beforeHead(res, decision.answered);
  await handler(req, res, decision.message);
}

/** The raw body; `undefined` if it is too large. Throws if somebody read it before. */
async function readBody(req: IncomingMessage): Promise<Uint8Array | undefined> {
  if (req.readableEnded || (req as { body?: unknown }).body !== undefined) {
    throw new AttestationError(
      "ERR_OPTION",
      "attestNodeHandler must be mounted before any body parser: it needs the raw body",
    );
  }
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection outlives a body that is too large: its sender is to read why it was refused.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(res: ServerResponse, { status, headers, body }: GateReply): void {
  res.writeHead(status, headers).end(body);
}

/** Tells an answer's status and `Mcp-Session-Id` just before its head is sent, however the handler sets them. */
function beforeHead(res: ServerResponse, tell: (status: number, sessionId: string | undefined) => void): void {
  const writeHead = res.writeHead;
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of writeHead
  res.writeHead = (...args: any[]): ServerResponse => {
    const fields: unknown = args.find((arg, i) => i > 0 && typeof arg === "object");
    tell(args[0], fieldOf(fields, "mcp-session-id") ?? res.getHeader("mcp-session-id")?.toString());
    return writeHead.apply(res, args as Parameters<typeof writeHead>);
  };
}

/** A field among the forms that `writeHead` takes: an object, a list of pairs, or a flat list. */
function fieldOf(fields: unknown, name: string): string | undefined {
  if (typeof fields !== "object" || fields === null) return undefined;
  const flat: unknown[] = Array.isArray(fields) ? fields.flat() : Object.entries(fields).flat();
  const at = flat.findIndex((entry, i) => i % 2 === 0 && String(entry).toLowerCase() === name);
  return at < 0 ? undefined : String(flat[at + 1]);
}
