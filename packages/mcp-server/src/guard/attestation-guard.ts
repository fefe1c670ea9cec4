import {
  type AttestationContext,
  type AttestationErrorCode,
  AttestationVerifier,
  EXTENSION,
  type GuardEvent,
  MCP_CLIENT_CAPABILITIES,
  MCP_PROTOCOL_VERSION,
  notify,
  optionError,
  refuseUnknownOptions,
  VERIFIER_OPTIONS,
  type VerifierOptions,
  wireReason,
} from "@attest/core";
import { capabilityAnswer, type Refused, refusalFields, refusalMessage, type ServerStance } from "./answers.ts";
import { brand, type Exchange, type Finding } from "./brand.ts";
import { bodyOf, findCredentials, type HttpRequest, type Presented, withoutBearerToken } from "./carriers.ts";
import { GuardSession } from "./guard-session.ts";
import { classify, isInitialize, type JsonRpcMessage, objectAt } from "./json-rpc.ts";
import { requestOf } from "./verification-request.ts";

/** What is to be done with a message. */
export type GuardDecision =
  | {
      /** Hand on exactly this: what was verified is what is dispatched. */
      readonly action: "forward";
      /** The message, branded; `undefined` for an HTTP request without one. */
      readonly message: unknown;
      readonly attestation?: AttestationContext;
    }
  | {
      /** Answer with this and hand nothing on. */
      readonly action: "reply";
      /** HTTP status. */
      readonly status: number;
      /** HTTP fields. */
      readonly headers: Readonly<Record<string, string>>;
      /** The JSON-RPC answer; `undefined` where there is nothing to be answered. */
      readonly message: object | undefined;
    }
  | {
      /** Hand nothing on and answer nothing: it was no request. */
      readonly action: "drop";
    };

/** What `processInitialize` came to. */
export type InitializeDecision =
  | { readonly allowed: true; readonly attestation?: AttestationContext; readonly capability: object }
  | { readonly allowed: false; readonly code: AttestationErrorCode; readonly error: object };

/** The options of a verifier, or a verifier that was made already, and what the guard itself can be told. */
export type GuardOptions =
  | (VerifierOptions & {
      /** Name the trusted issuers in answers. Default false: a stranger learns nothing of whom the server trusts. */
      readonly advertiseIssuers?: boolean;
    })
  | { readonly verifier: AttestationVerifier; readonly advertiseIssuers?: boolean };

/** Requests that pass unverified where no session has an owner: how else could a client find out what is wanted (SPEC §4)? */
const OPEN_METHODS: ReadonlySet<string> = new Set(["ping", "server/discover"]);

/**
 * Decides about every message that reaches a server, before any handler does.
 *
 * Make one for a process and hand it to every server built there, per session or per request: a guard of its own for each
 * would accept every replay once (M9).
 */
export class AttestationGuard {
  readonly verifier: AttestationVerifier;
  /** For this package's adapters: what answers say of this server. */
  readonly stance: ServerStance;

  /** @throws AttestationError `ERR_OPTION`, naming the option. */
  constructor(options: GuardOptions) {
    if (typeof options !== "object" || options === null) throw optionError("options", "of a guard must be an object");
    const { advertiseIssuers = false } = options;
    if (typeof advertiseIssuers !== "boolean") throw optionError("advertiseIssuers", "must be true or false");
    this.verifier = "verifier" in options ? verifierIn(options) : new AttestationVerifier(verifierOptionsIn(options));
    this.stance = { configuration: this.verifier.configuration, advertiseIssuers };
  }

  /** The memory of one connection or session, to be handed to every `check` of it. */
  createSession(): GuardSession {
    return new GuardSession();
  }

  /**
   * Decides about one message. Never throws for anything that a peer sent.
   *
   * @param message One JSON-RPC message; `undefined` for an HTTP request without one, GET or DELETE. @param session Of the
   * connection or `Mcp-Session-Id` it came by, in the handshake era. @param http What the HTTP request brought, where
   * there was one.
   */
  async check(message: unknown, session?: GuardSession, http?: HttpRequest): Promise<GuardDecision> {
    const bodiless = message === undefined && http !== undefined;
    const kind = bodiless ? undefined : classify(message);
    if (!bodiless && kind === undefined) return this.#refuseForm(message);
    if (kind?.kind === "error") return { action: "forward", message };
    const decide = () => this.#decide(message, kind, session, http);
    return session ? session.inTurn(isInitialize(kind), decide) : decide();
  }

  async #decide(
    message: unknown,
    kind: Exclude<JsonRpcMessage, { kind: "error" }> | undefined,
    session: GuardSession | undefined,
    http: HttpRequest | undefined,
  ): Promise<GuardDecision> {
    // In a session that has an owner even a ping is the owner's: with the id of a request under way, a stranger's would take
    // its answer away (M1).
    if (kind?.kind === "request" && OPEN_METHODS.has(kind.method) && !session?.isOpen) {
      const finding: Finding = { outcome: "absent", verified: false, trustLevel: "none" };
      return this.#forward(message, kind, finding, "none");
    }
    const presented = findCredentials(kind, http);
    if (!presented) return this.#refuse({ code: "ERR_CARRIER" }, kind, undefined, http);
    const verdict = await this.#judge(kind, presented, session, http);
    return "code" in verdict
      ? this.#refuse(verdict, kind, presented, http)
      : this.#forward(message, kind, verdict.finding, presented.carrier);
  }

  /**
   * Decides about the `params` of an `initialize`, for those who hold raw JSON and know no SDK: the 0.1.0 way.
   *
   * @returns The capability to put under `capabilities.experimental["security.attestation"]` of the answer, or the error
   * to answer with, its `id` to be filled in.
   */
  async processInitialize(params: unknown): Promise<InitializeDecision> {
    const kind: JsonRpcMessage = { kind: "request", id: 0, method: "initialize", params };
    const presented = findCredentials(kind, undefined);
    const verdict = presented ? await this.#judge(kind, presented, undefined, undefined) : refused("ERR_CARRIER");
    if ("code" in verdict) {
      const { error } = refusalMessage(this.stance, verdict, { ...frameOf(kind), lacksExtension: false }) as {
        error: object;
      };
      return { allowed: false, code: verdict.code, error };
    }
    const { finding } = verdict;
    const capability = capabilityAnswer(this.stance, finding);
    return { allowed: true, ...(finding.verified && { attestation: finding }), capability };
  }

  /** Verifies what was presented, and asks the session whether it comes from its owner. */
  async #judge(
    kind: Exclude<JsonRpcMessage, { kind: "error" }> | undefined,
    presented: Presented,
    session: GuardSession | undefined,
    http: HttpRequest | undefined,
  ): Promise<{ finding: Finding } | Refused> {
    const { clock } = this.verifier.configuration;
    const initialize = isInitialize(kind);
    if (presented.carrier === "none" && !initialize) {
      const bearer = session?.bearerFor(clock());
      if (bearer) return "code" in bearer ? { ...bearer, serverTime: clock() } : bearer;
    }
    const result = await this.verifier.verify(presented.attestation, requestOf(kind, presented, http));
    if (result.outcome === "refused") return { code: result.code, serverTime: result.serverTime };
    if (result.verified && result.profile === "bearer" && presented.carrier !== "bearer") return refused("ERR_CARRIER");
    if (result.verified && result.profile === "bound" && presented.carrier === "bearer") return refused("ERR_CARRIER");
    if (session && initialize && !session.isOpen) session.open(result, clock());
    else if (session) return session.judge(result);
    return { finding: result };
  }

  #forward(
    message: unknown,
    kind: JsonRpcMessage | undefined,
    finding: Finding,
    carrier: Presented["carrier"],
  ): GuardDecision {
    this.#report({ action: "forward", carrier: carrierOf(carrier, finding) }, kind, finding);
    const attestation = finding.verified ? { attestation: finding } : {};
    if (kind === undefined) return { action: "forward", message: undefined, ...attestation };
    const body = isInitialize(kind) ? withoutBearerToken(kind.params) : bodyOf(kind);
    const stateless = typeof objectAt(body, "_meta")[MCP_PROTOCOL_VERSION] === "string";
    const { observer } = this.verifier.configuration;
    const exchange: Exchange = { finding, method: methodOf(kind), stateless, observer, guard: this };
    const member = kind.kind === "response" ? "result" : "params";
    return { action: "forward", message: { ...(message as object), [member]: brand(body, exchange) }, ...attestation };
  }

  #refuse(
    problem: Refused,
    kind: JsonRpcMessage | undefined,
    presented: Presented | undefined,
    http: HttpRequest | undefined,
  ): GuardDecision {
    const reason = wireReason(problem.code);
    const carrier = presented?.carrier ?? "none";
    const dropped = kind !== undefined && kind.kind !== "request" && http === undefined;
    this.#report({ action: dropped ? "drop" : "reply", carrier, reason, code: problem.code }, kind, undefined);
    if (dropped) return { action: "drop" };
    const headers = refusalFields(problem);
    if (kind?.kind !== "request") {
      const status = reason === "attestation_unavailable" ? 503 : 403;
      return { action: "reply", status: kind === undefined ? status : 403, headers, message: undefined };
    }
    const meta = objectAt(kind.params, "_meta");
    const declared = Object.hasOwn(objectAt(objectAt(meta, MCP_CLIENT_CAPABILITIES), "extensions"), EXTENSION);
    const stateless = typeof meta[MCP_PROTOCOL_VERSION] === "string";
    const lacksExtension = stateless && !declared && carrier === "none" && reason === "attestation_required";
    const message = refusalMessage(this.stance, problem, { ...frameOf(kind), lacksExtension });
    return { action: "reply", status: lacksExtension ? 400 : 200, headers, message };
  }

  /** What is not exactly one message: refused before anyone can take it for something else (M2). */
  #refuseForm(message: unknown): GuardDecision {
    this.#report({ action: "reply", carrier: "none", code: "ERR_CARRIER" }, undefined, undefined);
    const what = Array.isArray(message) ? "Batches are not accepted" : "Not exactly one JSON-RPC message";
    const error = { code: -32600, message: `Invalid request: ${what}` };
    return { action: "reply", status: 400, headers: {}, message: { jsonrpc: "2.0", id: null, error } };
  }

  #report(
    event: Omit<GuardEvent, "type" | "method" | "issuer" | "subject">,
    kind: JsonRpcMessage | undefined,
    finding: Finding | undefined,
  ): void {
    const { observer } = this.verifier.configuration;
    if (!observer) return;
    const method = methodOf(kind)
      ?.slice(0, 64)
      .replace(/[^\x21-\x7e]/g, "?");
    notify(observer, {
      type: "guard",
      ...event,
      ...(method !== undefined && { method }),
      ...(finding?.verified && { issuer: finding.issuer, subject: finding.subject }),
    });
  }
}

function verifierIn(options: Extract<GuardOptions, { verifier: unknown }>): AttestationVerifier {
  const others = Object.keys(options).filter((name) => name !== "verifier" && name !== "advertiseIssuers");
  if (others.length > 0 || VERIFIER_OPTIONS.some((name) => name in options)) {
    throw optionError("verifier", "goes alone: it has its own options");
  }
  if (typeof options.verifier?.verify !== "function") throw optionError("verifier", "must be an AttestationVerifier");
  return options.verifier;
}

/** What is the verifier's among a guard's options, what they inherit too: an `isRevoked` that got lost would revoke nobody. */
function verifierOptionsIn(options: VerifierOptions): VerifierOptions {
  refuseUnknownOptions(options, ["advertiseIssuers", ...VERIFIER_OPTIONS], "a guard");
  const given = VERIFIER_OPTIONS.filter((name) => name in options).map((name) => [name, options[name]]);
  const copy: VerifierOptions = Object.fromEntries(given);
  return typeof copy.isRevoked === "function" ? { ...copy, isRevoked: copy.isRevoked.bind(options) } : copy;
}

function refused(code: AttestationErrorCode): Refused {
  return { code };
}

function methodOf(kind: JsonRpcMessage | undefined): string | undefined {
  return kind && "method" in kind ? kind.method : undefined;
}

function frameOf({ id, method }: Extract<JsonRpcMessage, { kind: "request" }>): {
  id: string | number;
  method: string;
} {
  return { id, method };
}

function carrierOf(carrier: Presented["carrier"], finding: Finding): GuardEvent["carrier"] {
  return carrier === "none" && finding.verified ? "session" : carrier;
}
