import type { AttestationContext } from "@attest/core";
import { ticketField, verifiedFields } from "../guard/answers.ts";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import type { HttpRequest } from "../guard/carriers.ts";
import type { GuardDecision } from "../guard/decisions.ts";
import type { GuardSession } from "../guard/guard-session.ts";
import { classify, isInitialize } from "../guard/json-rpc.ts";
import { HttpSessions } from "./http-sessions.ts";
import { letThrough } from "./let-through.ts";

/** An HTTP request as it came, before anything was made of it. */
export interface RawRequest {
  /** The HTTP method, in upper case. */
  readonly method: string;
  /** The bytes that were received; empty without a body. */
  readonly body: Uint8Array;
  /** Every value of the `Agent-Attestation` field. */
  readonly attestation: readonly string[];
  /** Every value of the `Agent-Attestation-Proof` field. */
  readonly proof: readonly string[];
  /** The `Authorization` field; `undefined` where it is not there. */
  readonly authorization: string | undefined;
  /** The `Mcp-Session-Id` field; `undefined` where it is not there. */
  readonly sessionId: string | undefined;
  /** The `MCP-Protocol-Version` field, for observers: nothing is decided by it. */
  readonly protocolVersion?: string | undefined;
}

/** An answer that a gate gives itself. */
export interface GateReply {
  /** Tells this decision from `forward`. */
  readonly action: "reply";
  /** The HTTP status. */
  readonly status: number;
  /** The HTTP fields of the answer. */
  readonly headers: Record<string, string>;
  /** The body as text; empty where there is none. */
  readonly body: string;
}

/** What a gate does with a request: answer it, or let it through and listen to what comes back. */
export type GateDecision =
  | GateReply
  | {
      readonly action: "forward";
      readonly message: unknown;
      /** The agent behind it, if one was verified. */
      readonly attestation: AttestationContext | undefined;
      /** Fields for the answer. */
      readonly headers: Record<string, string>;
      /** Call with the answer's status and `Mcp-Session-Id` before sending it. */
      answered(status: number, sessionId: string | undefined): void;
    };

const GUARDED_METHODS: ReadonlySet<string> = new Set(["POST", "GET", "DELETE"]);
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a gate knows of the sessions of the handshake era. */
export interface GateSessions {
  /** The session of an id, which counts as a use; `undefined` if it was not seen to be opened. */
  use(id: string): GuardSession | undefined;
  /** A session was opened under this id. */
  add(id: string, session: GuardSession): void;
  /** A session was ended by its owner. */
  delete(id: string, session: GuardSession): void;
}

/** What a gate leaves to those who make it. */
export interface GateParts {
  /** Default: the owners of as many sessions as the guard's `maxSessions`, in memory. */
  readonly sessions?: GateSessions;
  /** Looks at a message before anything is verified and used up. Returns the answer of a gate that goes no further. */
  examine?(message: unknown): GateReply | undefined;
}

/** The part of a gate that is the same for every HTTP server: one per guarded handler. */
export class HttpGate {
  readonly #guard: AttestationGuard;
  readonly #sessions: GateSessions;
  readonly #examine: GateParts["examine"];

  constructor(guard: AttestationGuard, { sessions, examine }: GateParts = {}) {
    this.#guard = guard;
    this.#sessions = sessions ?? new HttpSessions(guard.configuration.maxSessions);
    this.#examine = examine;
  }

  /** Whether a method is looked at. `OPTIONS` passes, all others are refused. */
  static accepts(method: string): boolean {
    return GUARDED_METHODS.has(method);
  }

  /** Decides about a request, once. */
  async decide(raw: RawRequest): Promise<GateDecision> {
    const { enforce } = this.#guard.configuration;
    const message = raw.method === "POST" ? parse(raw.body) : undefined;
    if (enforce && raw.method === "POST" && message === undefined)
      return rpcError(400, -32700, "Parse error: not strict UTF-8 JSON");
    if (enforce && raw.method !== "POST" && raw.body.length > 0)
      return rpcError(400, -32600, `Invalid request: ${raw.method} with a body`);
    const objection = message === undefined ? undefined : this.#examine?.(message);
    if (objection) return objection;
    const named = raw.sessionId === undefined ? undefined : this.#sessions.use(raw.sessionId);
    const opens = raw.sessionId === undefined && isInitialize(classify(message));
    const session = opens ? this.#guard.createSession() : named;
    const decision = await this.#guard.check(message, session, httpOf(raw));
    if (decision.action !== "forward") return reply(decision);
    if (enforce && raw.sessionId !== undefined && (!named || this.#sessions.use(raw.sessionId) !== named)) {
      // Honest clients initialize again after 404. Forwarded, the message would reach a session that nobody was seen to open,
      // or another one, if this one ended and its id was given out again while the message was verified (M1).
      return rpcError(404, -32001, "Session not found");
    }
    if (raw.method !== "POST") letThrough(this.#guard, raw.proof[0]);
    return {
      action: "forward",
      message: decision.message,
      attestation: decision.attestation,
      headers: {
        ...(raw.method === "POST" && decision.attestation && verifiedFields(decision.attestation)),
        ...ticketField(decision.ticket),
      },
      answered: (status, sessionId) => this.#learn(raw, session, status, sessionId),
    };
  }

  /** Learns from an answer which session began or ended with it. */
  #learn(raw: RawRequest, session: GuardSession | undefined, status: number, sessionId: string | undefined): void {
    if (!session || status >= 300) return;
    if (raw.sessionId === undefined && sessionId !== undefined) this.#sessions.add(sessionId, session);
    if (raw.method === "DELETE" && raw.sessionId !== undefined) this.#sessions.delete(raw.sessionId, session);
  }
}

/** The answer to a request whose body is larger than a gate reads. */
export function tooLarge(limit: number): GateReply {
  return rpcError(413, -32600, `The body is larger than ${limit} bytes`);
}

/** The answer to a request that names several sessions: the one that is judged might not be the one that is used (M1). */
export function ambiguousSession(): GateReply {
  return rpcError(400, -32600, "Invalid request: several Mcp-Session-Id fields");
}

/** The answer to a method that is not accepted here. */
export function methodNotAllowed(): GateReply {
  return { action: "reply", status: 405, headers: { Allow: "GET, POST, DELETE, OPTIONS" }, body: "" };
}

/** What the guard decided, as an HTTP answer. */
export function reply(decision: Exclude<GuardDecision, { action: "forward" }>): GateReply {
  if (decision.action === "drop") return { action: "reply", status: 403, headers: {}, body: "" };
  const { status, headers, message } = decision;
  const json = message && { "Content-Type": "application/json" };
  return { action: "reply", status, headers: { ...headers, ...json }, body: message ? JSON.stringify(message) : "" };
}

/** A JSON-RPC error that belongs to no request. */
export function rpcError(status: number, code: number, message: string): GateReply {
  const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } });
  return { action: "reply", status, headers: { "Content-Type": "application/json" }, body };
}

/** A raw request as the guard reads it. */
export function httpOf(raw: RawRequest): HttpRequest {
  const { method, body, attestation, proof, authorization, sessionId, protocolVersion } = raw;
  // Written without spreads: this is made for every request.
  const http: { -readonly [Name in keyof HttpRequest]: HttpRequest[Name] } = { method, body };
  if (attestation.length > 0) http.attestation = onlyOf(attestation);
  if (proof.length > 0) http.proof = onlyOf(proof);
  if (authorization !== undefined) http.authorization = authorization;
  if (sessionId !== undefined) http.sessionId = sessionId;
  if (protocolVersion !== undefined) http.protocolVersion = protocolVersion;
  return http;
}

/** A single value as itself; several stay a list, which is refused. */
function onlyOf(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] as string) : values;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body)) ?? undefined;
  } catch {
    return undefined;
  }
}
