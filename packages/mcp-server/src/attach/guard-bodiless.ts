import type { IncomingMessage, ServerResponse } from "node:http";
import { HTTP_FIELDS } from "@attest/core";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import type { GuardSession } from "../guard/guard-session.ts";
import { warnOnce } from "../warn-once.ts";
import { type GateReply, httpOf, reply } from "./http-gate.ts";
import { wasLetThrough } from "./let-through.ts";
import { fieldOf } from "./node-request.ts";
import { answer } from "./node-response.ts";

/** The part of a Streamable HTTP transport that takes requests: `(req, res)` on Node, `(request)` on the web. */
interface RequestHandling {
  // biome-ignore lint/suspicious/noExplicitAny: the request, response and option types of both SDKs
  handleRequest?: (...args: any[]) => unknown;
}

/** `handleRequest` of transports whose GET and DELETE are guarded, as it was before. */
const originals = new WeakMap<object, NonNullable<RequestHandling["handleRequest"]>>();

/**
 * Guards the GET and DELETE requests of a Streamable HTTP transport, which carry no message: the first opens a session's
 * stream, the second ends the session (M1). A gate in front of the transport has verified those that came by it. Where the
 * gate is mounted for POST alone, or there is none, they are verified here, and the mistake is said once.
 */
export function guardBodiless(transport: object, guard: AttestationGuard, session: GuardSession): void {
  const handling = transport as RequestHandling;
  const handleRequest = originals.get(transport) ?? handling.handleRequest;
  if (typeof handleRequest !== "function") return;
  originals.set(transport, handleRequest);
  handling.handleRequest = async (...args: unknown[]) => {
    const [request, response] = args as [Request | IncomingMessage, ServerResponse | undefined];
    const { method = "" } = request;
    if (method !== "GET" && method !== "DELETE") return handleRequest.apply(transport, args);
    const refused = await refusalOf(request, method, guard, session);
    if (!refused) return handleRequest.apply(transport, args);
    if (isNode(request)) return answer(response as ServerResponse, refused);
    return new Response(null, { status: refused.status, headers: refused.headers });
  };
}

async function refusalOf(
  request: Request | IncomingMessage,
  method: string,
  guard: AttestationGuard,
  session: GuardSession,
): Promise<GateReply | undefined> {
  const field = (name: string) => (isNode(request) ? fieldOf(request, name) : webFieldOf(request, name));
  const proof = field(HTTP_FIELDS.proof);
  if (wasLetThrough(guard, proof[0])) return undefined;
  const announced = Number(field("Content-Length")[0] ?? 0) > 0 || field("Transfer-Encoding").length > 0;
  // No digest says what a body means here: the proof is for none (SPEC-4.18).
  if (announced && guard.configuration.enforce) return { action: "reply", status: 400, headers: {}, body: "" };
  const body = new Uint8Array();
  const [authorization, sessionId] = [field("Authorization")[0], field("Mcp-Session-Id")[0]];
  const raw = { method, body, attestation: field(HTTP_FIELDS.attestation), proof, authorization, sessionId };
  const decision = await guard.check(undefined, session, httpOf(raw));
  if (proof.length > 0) {
    warnOnce(
      "ATTEST_GATE_BYPASSED",
      `A ${method} request reached its transport without passing the gate. Mount the gate for POST, GET and DELETE: app.use(path, gate) or app.all(path, gate)`,
    );
  }
  return decision.action === "forward" ? undefined : reply(decision);
}

function isNode(request: Request | IncomingMessage): request is IncomingMessage {
  return typeof (request.headers as Headers).get !== "function";
}

function webFieldOf(request: Request, name: string): readonly string[] {
  const value = request.headers.get(name);
  return value === null ? [] : value.split(",").map((part) => part.trim());
}
