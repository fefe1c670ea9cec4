import {
  type AttestationVerifier,
  type MaybePromise,
  readAuthorization,
  type TicketGrant,
  wireReason,
} from "@attest/core";
import { answerOptionsOf } from "./answer-options.ts";
import { capabilityAnswer } from "./answers.ts";
import { findCredentials, type HttpRequest, type Presented, withoutBearerToken } from "./carriers.ts";
import type { GuardDecision, InitializeDecision } from "./decisions.ts";
import { clientNameIn, declaresExtension, isStateless } from "./eras.ts";
import { type Exchange, type Finding, markedMessage, STAGE, strippedMessage } from "./exchange.ts";
import { configureGuard, type GuardConfiguration, type GuardOptions } from "./guard-options.ts";
import { GuardSession } from "./guard-session.ts";
import { bodyOf, classify, isInitialize, type JsonRpcMessage } from "./json-rpc.ts";
import { openRequest } from "./open-methods.ts";
import { type AnswerOptions, type Refused, refusalFields, refusalMessage } from "./refusals.ts";
import { reportMessage } from "./report-message.ts";
import { type Origin, requestOf } from "./verification-request.ts";

type Verdict = { readonly finding: Finding } | Refused;

/** What a client's error becomes where nothing shows that the session's owner sent it (SPEC-4.15). */
const UNPROVED_ERROR = { code: -32603, message: "The client answered with an error that no proof covers" } as const;
const NOBODY: Finding = { outcome: "absent", verified: false, trustLevel: "none" };

/**
 * Decides about every message that reaches a server, before any handler does.
 *
 * Make one per server name and process, and pass it to everything that is built there, per session or per request: a
 * guard of its own for each would accept every replay once (M9).
 * @example
 * ```ts
 * import type { TrustedIssuer } from "@attest/core";
 * import { AttestationGuard } from "@attest/mcp-server";
 * declare const authority: TrustedIssuer;
 * const guard = new AttestationGuard({ audience: "https://bank.example/mcp", trustedIssuers: [authority] });
 * ```
 */
export class AttestationGuard {
  /** Verifies what messages bring. Several guards may share it. */
  readonly verifier: AttestationVerifier;
  /** For this package's adapters: the guard's own options, with every default filled in. */
  readonly configuration: GuardConfiguration;
  /** For this package's adapters: what answers say about this server. */
  readonly answerOptions: AnswerOptions;

  /** @throws AttestationError `ERR_OPTION`, naming the option. */
  constructor(options: GuardOptions) {
    this.configuration = configureGuard(options);
    this.verifier = this.configuration.verifier;
    this.answerOptions = answerOptionsOf(this.configuration);
  }

  /** The memory of one connection or session. Pass it to every `check` of that connection. */
  createSession(): GuardSession {
    return new GuardSession();
  }

  /**
   * Decides about one message. Never throws for anything that a peer sent.
   *
   * @param message One JSON-RPC message; `undefined` for an HTTP request without one, GET or DELETE.
   * @param session Of the connection or `Mcp-Session-Id` that it came by, in the handshake era.
   * @param http What the HTTP request brought, where there was one.
   */
  async check(message: unknown, session?: GuardSession, http?: HttpRequest): Promise<GuardDecision> {
    const bodiless = message === undefined && http !== undefined;
    const rpc = bodiless ? undefined : classify(message);
    if (!bodiless && rpc === undefined) return this.#refuseForm(message);
    const decide = () => this.#decide(message, rpc, session, http);
    return session ? session.inTurn(isInitialize(rpc), decide) : decide();
  }

  /**
   * Refuses a message for a reason that an adapter found, with the answer and the event that every refusal has.
   *
   * @param message The message, or `undefined` for an HTTP request without one.
   * @param problem Why it is refused.
   * @param session As of `check`. @param http As of `check`.
   */
  refuse(message: unknown, problem: Refused, session?: GuardSession, http?: HttpRequest): GuardDecision {
    return this.#refuse(
      problem,
      message,
      message === undefined ? undefined : classify(message),
      undefined,
      session,
      http,
    );
  }

  /**
   * Decides about the `params` of an `initialize`, for programs that hold raw JSON and use no SDK: the 0.1.0 way.
   *
   * @returns The capability to put under `capabilities.experimental["security.attestation"]` of the answer, or the error
   * to answer with, to which the caller adds the `id`.
   */
  async processInitialize(params: unknown): Promise<InitializeDecision> {
    const rpc: JsonRpcMessage = { kind: "request", id: 0, method: "initialize", params };
    const presented = findCredentials(rpc, undefined);
    const verdict = presented ? await this.#judge(rpc, presented, undefined, undefined, undefined) : carrierProblem();
    if ("code" in verdict && this.configuration.enforce) {
      const frame = { id: rpc.id, method: rpc.method, lacksExtension: false };
      const { error } = refusalMessage(this.answerOptions, verdict, frame) as { error: object };
      return { allowed: false, code: verdict.code, error };
    }
    const finding = "code" in verdict ? NOBODY : this.#told(verdict.finding);
    const capability = capabilityAnswer(this.answerOptions, finding);
    return { allowed: true, ...(finding.verified && { attestation: finding }), capability };
  }

  async #decide(
    message: unknown,
    rpc: JsonRpcMessage | undefined,
    session: GuardSession | undefined,
    http: HttpRequest | undefined,
  ): Promise<GuardDecision> {
    if (session && isInitialize(rpc)) session.client ??= clientNameIn(rpc);
    // In a session that has an owner even a ping must be the owner's: under the id of a pending request, a stranger's would
    // receive its answer (M1).
    const open = session?.isOpen ? undefined : openRequest(rpc);
    if (open) return this.#forward({ jsonrpc: "2.0", id: open.id, method: open.method }, open, NOBODY, "none", session);
    // An error response carries no proof of its own, so only the HTTP request that brings it can show who sent it.
    if (rpc?.kind === "error" && !http) return this.#forwardUnproved(message, rpc, session);
    const presented = findCredentials(rpc, http);
    const { accessToken, problem } = readAuthorization(http?.authorization);
    const verdict = await (problem !== undefined
      ? ({ code: "ERR_AUTHORIZATION" } as const)
      : presented
        ? this.#judge(rpc, presented, session, http, accessToken)
        : carrierProblem());
    if ("code" in verdict) return this.#refuse(verdict, message, rpc, presented, session, http);
    const { finding } = verdict;
    const carrier = presented?.carrier ?? "none";
    const granted = this.#ticketFor(finding, carrier, rpc);
    return this.#forward(message, rpc, finding, carrier, session, granted && (await granted));
  }

  /** Verifies what was presented, and asks the session whether it comes from its owner. */
  async #judge(
    rpc: JsonRpcMessage | undefined,
    presented: Presented,
    session: GuardSession | undefined,
    http: HttpRequest | undefined,
    accessToken: string | undefined,
  ): Promise<Verdict> {
    const { clock, observer } = this.verifier.configuration;
    const initialize = isInitialize(rpc);
    if (presented.carrier === "none" && !initialize) {
      const bearer = session?.bearerFor(clock());
      if (bearer)
        return "code" in bearer ? { ...bearer, advice: { serverTime: clock() } } : this.#recheck(bearer.finding);
    }
    const signature = this.configuration.signatures.covers(rpc);
    const { audience } = this.configuration;
    const observed = observer?.onStart !== undefined;
    const origin: Origin = { http, accessToken, audience, signature, session, observed };
    const result = await this.verifier.verify(presented.attestation, requestOf(rpc, presented, origin));
    if (result.outcome === "refused") {
      const ungated = http?.ungated && result.code === "ERR_ATTESTATION_REQUIRED";
      return { code: ungated ? "ERR_GATE_MISSING" : result.code, advice: result.advice };
    }
    if (result.verified && (result.proof === "none") !== (presented.carrier === "bearer")) return carrierProblem();
    if (session && initialize && !session.isOpen) session.open(result, clock());
    else if (session) return session.judge(result);
    return { finding: result };
  }

  /** What opened a bearer session may have been revoked since, or its issuer's key removed (T21). */
  async #recheck(finding: Finding): Promise<Verdict> {
    const refusal = finding.verified ? await this.verifier.recheck(finding) : undefined;
    return refusal ? { code: refusal.code, advice: refusal.advice } : { finding };
  }

  #forward(
    message: unknown,
    rpc: JsonRpcMessage | undefined,
    verified: Finding,
    carrier: Presented["carrier"],
    session: GuardSession | undefined,
    ticket?: TicketGrant,
  ): GuardDecision {
    const finding = this.#told(verified);
    const event = {
      action: "forward",
      carrier: carrier === "none" && verified.verified ? "session" : carrier,
    } as const;
    reportMessage(this.configuration, event, rpc, session, verified);
    const attestation = finding.verified ? { attestation: finding } : {};
    const inField = carrier === "headers" && ticket ? { ticket } : {};
    if (rpc === undefined) return { action: "forward", message: undefined, ...attestation, ...inField };
    const inResult = carrier === "headers" ? undefined : ticket;
    return { action: "forward", message: this.#mark(message, rpc, finding, inResult), ...attestation, ...inField };
  }

  /** The ticket that a message asked for, if its answer can bring one (SPEC §19). */
  #ticketFor(
    finding: Finding,
    carrier: Presented["carrier"],
    rpc: JsonRpcMessage | undefined,
  ): MaybePromise<TicketGrant | undefined> {
    const { enforce, signatures } = this.configuration;
    const answered = carrier === "headers" || rpc?.kind === "request";
    return finding.verified && enforce && !signatures.all && answered ? this.verifier.grantTicket(finding) : undefined;
  }

  #mark(message: unknown, rpc: JsonRpcMessage, finding: Finding, ticket?: TicketGrant): object {
    const { observer } = this.verifier.configuration;
    const { signatures } = this.configuration;
    const body = isInitialize(rpc) ? withoutBearerToken(rpc.params) : bodyOf(rpc);
    const about = strippedMessage(rpc, body);
    const exchange: Exchange = {
      finding,
      message: about,
      stateless: isStateless(body),
      guard: this,
      observer,
      ticket,
      demandSignature: () => signatures.learn(about),
      stage: STAGE.gate,
    };
    return markedMessage(message as object, exchange);
  }

  /** Lets an error response through, without its own words if a session's owner is who should have sent it (SPEC-4.15). */
  #forwardUnproved(
    message: unknown,
    rpc: Extract<JsonRpcMessage, { kind: "error" }>,
    session: GuardSession | undefined,
  ): GuardDecision {
    const unproved = session?.isOwned === true && this.configuration.enforce;
    const event = unproved ? ({ code: "ERR_PROOF_REQUIRED", reason: wireReason("ERR_PROOF_REQUIRED") } as const) : {};
    reportMessage(this.configuration, { action: "forward", carrier: "none", ...event }, rpc, session, undefined);
    return { action: "forward", message: unproved ? { ...(message as object), error: UNPROVED_ERROR } : message };
  }

  #refuse(
    problem: Refused,
    message: unknown,
    rpc: JsonRpcMessage | undefined,
    presented: Presented | undefined,
    session: GuardSession | undefined,
    http: HttpRequest | undefined,
  ): GuardDecision {
    const enforce = this.configuration.enforce || problem.demanded === true;
    const reason = wireReason(problem.code);
    const carrier = presented?.carrier ?? "none";
    const dropped = rpc !== undefined && rpc.kind !== "request" && http === undefined;
    const action = enforce ? (dropped ? "drop" : "reply") : "forward";
    reportMessage(this.configuration, { action, carrier, reason, code: problem.code }, rpc, session, undefined);
    if (!enforce) return { action: "forward", message: rpc && this.#mark(message, rpc, NOBODY) };
    if (dropped) return { action: "drop" };
    const headers = refusalFields(problem);
    if (rpc?.kind !== "request") {
      const status = rpc === undefined && reason === "attestation_unavailable" ? 503 : 403;
      return { action: "reply", status, headers, message: undefined };
    }
    const { id, method, params } = rpc;
    const lacksExtension =
      isStateless(params) && !declaresExtension(params) && carrier === "none" && reason === "attestation_required";
    // SDKs take a bare 4xx for a sign to fall back or to log in, so a refusal has status 200 (SPEC-7.5).
    const answer = refusalMessage(this.answerOptions, problem, { id, method, lacksExtension });
    return { action: "reply", status: lacksExtension ? 400 : 200, headers, message: answer };
  }

  /** What is not exactly one message is refused before anything can take it for something else (M2). */
  #refuseForm(message: unknown): GuardDecision {
    const { enforce } = this.configuration;
    const action = enforce ? "reply" : "forward";
    reportMessage(
      this.configuration,
      { action, carrier: "none", code: "ERR_CARRIER" },
      undefined,
      undefined,
      undefined,
    );
    if (!enforce) return { action: "forward", message };
    const what = Array.isArray(message) ? "Batches are not accepted" : "Not exactly one JSON-RPC message";
    const error = { code: -32600, message: `Invalid request: ${what}` };
    return { action: "reply", status: 400, headers: {}, message: { jsonrpc: "2.0", id: null, error } };
  }

  /** A guard that only reports tells nobody that an agent was verified: nothing may come to rely on it. */
  #told(finding: Finding): Finding {
    return this.configuration.enforce ? finding : NOBODY;
  }
}

function carrierProblem(): Refused {
  return { code: "ERR_CARRIER" };
}
