import type { IncomingMessage, ServerResponse } from "node:http";
import { HTTP_FIELDS, optionError } from "@attest/core";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { exchangeIn } from "../guard/exchange.ts";
import { classify, methodOf } from "../guard/json-rpc.ts";
import { type AttachOptions, attachOptions } from "./attach-options.ts";
import { bodyConsumed } from "./body-consumed.ts";
import { handlerBody } from "./handler-body.ts";
import { ambiguousSession, HttpGate, methodNotAllowed, tooLarge } from "./http-gate.ts";
import { listeningProblem } from "./neighbours.ts";
import { fieldOf, readableAgain, readNodeBody } from "./node-request.ts";
import { answer, finishNodeResponse } from "./node-response.ts";
import { refuseBody } from "./refuse-body.ts";
import { responseCalls, withholdResponse } from "./withheld-response.ts";

/**
 * Handles a request that was let through. `body` is the verified message, to be dispatched as it is:
 * `transport.handleRequest(req, res, body)`. A handler that takes `req.body`, as a parser would set it, or that reads the
 * request itself finds the same message. `next` is Express's, where the gate is middleware before a framework's own routes:
 * `app.use("/mcp", attestNodeHandler((_req, _res, _body, next) => next(), guard))`.
 */
export type NodeHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  body: unknown,
  next: (error?: unknown) => void,
) => unknown;

/** A handler for `node:http`, `app.use(path, …)` and `app.all(path, …)`. It takes POST, GET and DELETE: mount it for all three. */
export type GuardedNodeHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>;

/**
 * A gate for `node:http`, Express and whatever imitates them, in front of an MCP transport or a whole framework: POST, GET
 * and DELETE are verified, with credentials in HTTP fields or in the message, before the handler sees them, and answers
 * say what this protocol has them say. Make it once, not per request.
 *
 * It needs the body as it was sent: mount it before any body parser, or keep the bytes with `keepRawBody`. A body that a
 * parser has read is answered with status 500 and says so.
 *
 * @throws AttestationError `ERR_OPTION` for an option that makes no sense.
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { type AttestationGuard, attestNodeHandler, type NodeHandler } from "@attest/mcp-server";
 *
 * declare const guard: AttestationGuard;
 * declare const handle: NodeHandler; // (req, res, body) => transport.handleRequest(req, res, body)
 * createServer(attestNodeHandler(handle, guard)).listen(8080, "127.0.0.1");
 * ```
 */
export function attestNodeHandler(
  handler: NodeHandler,
  guard: AttestationGuard,
  options: AttachOptions = {},
): GuardedNodeHandler {
  if (typeof handler !== "function") throw optionError("handler", "must be a function (req, res, body)");
  const { reparsed, maxEvent } = attachOptions(options, "attestNodeHandler");
  const { maxBody, enforce } = guard.configuration;
  const gate = new HttpGate(guard);

  const serve = async (
    req: IncomingMessage,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ): Promise<unknown> => {
    const { method = "" } = req;
    if (method === "OPTIONS") return handler(req, res, undefined, next);
    if (!HttpGate.accepts(method)) return answer(res, methodNotAllowed());
    const bytes = await readNodeBody(req, maxBody);
    if (bytes === "too-large") return refuseBody(req, res, tooLarge(maxBody));
    if (bytes === "consumed") {
      const mistake = bodyConsumed(guard);
      return mistake ? answer(res, mistake) : handler(req, res, (req as { body?: unknown }).body, next);
    }
    const sessionIds = fieldOf(req, "Mcp-Session-Id");
    if (sessionIds.length > 1 && enforce) return answer(res, ambiguousSession());
    const decision = await gate.decide({
      method,
      body: bytes,
      attestation: fieldOf(req, HTTP_FIELDS.attestation),
      proof: fieldOf(req, HTTP_FIELDS.proof),
      authorization: req.headers.authorization,
      sessionId: sessionIds[0],
      protocolVersion: fieldOf(req, "MCP-Protocol-Version")[0],
    });
    if (decision.action === "reply") return answer(res, decision);
    const { message, headers: fields, answered } = decision;
    const rpc = classify(message);
    const exchange = exchangeIn(rpc);
    const request = rpc?.kind === "request" && exchange ? { id: rpc.id, exchange } : undefined;
    const plain = responseCalls(res);
    finishNodeResponse(res, { asked: { options: guard.answerOptions, request, maxEvent }, fields, answered });
    if (methodOf(rpc) === "subscriptions/listen" && exchange) {
      withholdResponse(res, () => listeningProblem(guard, rpc, exchange), plain);
    }
    if (method !== "POST") return handler(req, res, undefined, next);
    const again = readableAgain(req, handlerBody(bytes, message, exchange, reparsed));
    // What nobody has asked for is let go before the answer is closed: an SDK would wait for its end, by timers.
    res.prependOnceListener("finish", () => {
      if (again.readableFlowing === null && !again.readableDidRead) again.read();
    });
    // What goes on by `next` has the request as it came. `_body` tells Express's parsers that it is read.
    for (const each of message === undefined ? [] : [req, again]) {
      Reflect.set(each, "body", message);
      Reflect.set(each, "_body", true);
    }
    return handler(again, res, message, next);
  };

  return async (req, res, next) => {
    try {
      await serve(req, res, next ?? noRoute);
    } catch (error) {
      // A client that disconnects must not crash the process with an unhandled rejection, and neither must a handler.
      if (req.destroyed && !req.complete) return;
      if (next) return next(error);
      if (!res.headersSent) res.writeHead(500);
      res.end();
    }
  };
}

function noRoute(): never {
  throw optionError("next", "is there only where the gate is mounted as middleware: app.use(path, gate)");
}
