import { digest } from "#crypto";
import { isChain } from "../checks/chain.ts";
import { RECHECKS, SESSION_RECHECKS } from "../checks/in-order.ts";
import { Refusal, refusal } from "../checks/refusal.ts";
import { beginToken, type Judging, type Presented, type Statement } from "../checks/statement.ts";
import { beginUse, type UseFacts, type VerificationRequest } from "../checks/use.ts";
import { AttestationError } from "../errors.ts";
import { after, isPending, type MaybePromise } from "../maybe-promise.ts";
import { begin, notify, type Observer } from "../observer.ts";
import type { TicketGrant } from "../tickets/ticket-grant.ts";
import type { VerifierConfiguration, VerifierOptions } from "../trust/verifier-options.ts";
import { proofKindOf, USES } from "../uses/registry.ts";
import { AskedTickets } from "./asked-tickets.ts";
import { assessChain } from "./assess-chain.ts";
import { assessStatement } from "./assess-statement.ts";
import { CachedLinks } from "./cached-links.ts";
import { CachedStatements } from "./cached-statements.ts";
import { contextOf, refuse, settle } from "./conclusions.ts";
import { configure } from "./configure.ts";
import type { AttestationContext, RefusedResult, VerificationResult } from "./result.ts";
import { toolDigestIn } from "./tool-digest-in.ts";
import { type Seen, verificationEvent } from "./verification-event.ts";

/**
 * Verifies attestations and their proofs, and uses each proof up. One verifier serves a whole process: two of them would each
 * accept the same proof once, unless they share a replay cache.
 *
 * @example
 * ```ts
 * import { AttestationVerifier, type TrustedIssuer } from "@attest/core";
 *
 * declare const authority: TrustedIssuer; // with its public `keys`
 * declare const [attestation, proof]: [string, string]; // as they came with the message
 * const verifier = new AttestationVerifier({ audience: "https://bank.example/mcp", trustedIssuers: [authority] });
 * const result = await verifier.verify(attestation, { kind: "message", method: "tools/list", proof });
 * if (result.verified) console.log(result.subject, result.trustLevel);
 * ```
 */
export class AttestationVerifier {
  /** What it was configured with, defaults filled in. */
  readonly configuration: VerifierConfiguration;
  readonly #cached: CachedStatements;
  readonly #links: CachedLinks;
  readonly #load = { verifying: 0 };
  /** What identities without a proof were concluded from, for as long as a session holds them. */
  readonly #concluded = new WeakMap<AttestationContext, Statement>();
  readonly #asked: AskedTickets;

  /**
   * Make one for a whole process: two verifiers would each accept the same proof once, unless they share a replay cache.
   *
   * @throws AttestationError `ERR_OPTION`, naming the option that makes no sense.
   */
  constructor(options: VerifierOptions) {
    this.configuration = configure(options);
    const { maxCachedAttestations } = this.configuration;
    this.#cached = new CachedStatements(maxCachedAttestations);
    this.#links = new CachedLinks(maxCachedAttestations);
    this.#asked = new AskedTickets(this.configuration);
  }

  /**
   * Resolves once keys, replay cache and status lists can serve; call it before listening.
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if a trusted issuer has no key, as far as the resolver can tell; what
   * they reject with comes through unchanged.
   */
  async ready(): Promise<void> {
    const { issuers, keyResolver, replayCache, statusSource } = this.configuration;
    await Promise.all([keyResolver.ready?.(), replayCache.ready?.(), statusSource?.ready?.()]);
    for (const issuer of issuers.keys()) {
      if ((await keyResolver.hasKeys?.(issuer)) !== false) continue;
      throw new AttestationError(
        "ERR_KEY_SOURCE_UNAVAILABLE",
        `No key of the trusted issuer ${issuer} is known, so none of its attestations can be verified`,
      );
    }
  }

  /**
   * Verifies what a message came with, in the order of SPEC §6, and uses it up.
   *
   * Never throws for anything that a peer sent. Says who is calling; the server decides what the caller may do.
   *
   * @param token The attestation as received; `undefined` when there was none.
   * @param request The message it is for, and its proof. A bound attestation is refused without it.
   */
  verify(token: unknown, request?: VerificationRequest): Promise<VerificationResult> {
    const { observer } = this.configuration;
    return observer ? this.#observed(observer, token, request) : this.#decide(token, request);
  }

  /**
   * Asks again what can have changed since a token without a proof opened a session: whether its issuer still has the key
   * that signed it, and whether it was revoked (T21).
   *
   * @param attestation A result of this verifier.
   * @returns The refusal, or `undefined` if the identity still stands. Any other object than such a result of this
   * verifier is refused.
   */
  async recheck(attestation: AttestationContext): Promise<RefusedResult | undefined> {
    const now = this.#now();
    if (now === undefined) return refuse(noTime(), undefined);
    const statement = this.#concluded.get(attestation);
    if (!statement) {
      return refuse(refusal("ERR_INTERNAL", "The identity is not one that this verifier established"), now);
    }
    try {
      const answer = await SESSION_RECHECKS({ ...this.#judging(now), statement });
      return answer instanceof Refusal ? refuse(answer, now) : undefined;
    } catch {
      return refuse(failed(), now);
    }
  }

  /**
   * Grants the ticket that a signed proof asked for with `ticket_epk` (SPEC §19), once for each verification. Call it only for a message
   * that is let through, and send the grant with its answer.
   *
   * @param attestation A result of this verifier.
   * @returns `undefined` where nothing was asked for, or nothing is granted: tickets are off, the key is malformed, or this
   * agent was granted four within the last second. Never throws.
   */
  grantTicket(attestation: AttestationContext): MaybePromise<TicketGrant | undefined> {
    return this.#asked.grant(attestation);
  }

  async #observed(
    observer: Observer,
    token: unknown,
    request: VerificationRequest | undefined,
  ): Promise<VerificationResult> {
    const started = performance.now();
    const { traceparent, tracestate, observed: message } = request ?? {};
    const end = begin(observer, { name: "verify", traceparent, tracestate, message });
    const seen: Seen = {};
    const result = await this.#decide(token, request, seen);
    const duration = (performance.now() - started) / 1000;
    const event = verificationEvent(result, this.configuration.policy, seen, duration);
    end(event);
    notify(observer, event);
    return result;
  }

  /** @param seen Where the facts are left for the code that reports on them. */
  async #decide(token: unknown, request: VerificationRequest | undefined, seen?: Seen): Promise<VerificationResult> {
    if (token === undefined) {
      return this.#refuseNothing(request) ?? { outcome: "absent", verified: false, trustLevel: "none" };
    }
    const now = this.#now();
    if (now === undefined) return refuse(noTime(), undefined);
    const { policy, tokenLimits } = this.configuration;
    const provable = typeof token === "string" && token.length <= tokenLimits.length && request?.proof !== undefined;
    this.#load.verifying++;
    try {
      // Always waits, so that verifications that begin together know of each other before the first signature.
      const tokenHash = await (provable ? digest(token) : undefined);
      const presented = beginToken(this.#judging(now), token);
      if (seen) seen.token = presented;
      const checked = this.#check(presented, { request, tokenHash }, seen);
      const used = isPending(checked) ? await checked : checked;
      return used instanceof Refusal ? settle(used, policy, now) : this.#conclude(used);
    } catch {
      return settle(failed(), policy, now);
    } finally {
      this.#load.verifying--;
    }
  }

  /** Assesses the statement, or takes up what is cached of it, and then its use. @returns The facts of the use. */
  #check(
    presented: Presented,
    { request, tokenHash }: Pick<UseFacts, "request" | "tokenHash">,
    seen: Seen | undefined,
  ): MaybePromise<Refusal | UseFacts> {
    const { token } = presented;
    const proved = request?.proof !== undefined;
    const assessed = isChain(token)
      ? assessChain(presented, { token, proved, tokenHash }, this.#links, (root, hash) =>
          this.#assessRoot(root, hash, seen),
        )
      : this.#assess(presented, tokenHash, seen);
    return after(assessed, (statement) => {
      if (statement instanceof Refusal) return statement;
      const proofKind = proofKindOf(statement.format, request?.proof);
      const { checks, remembers } = USES[proofKind];
      const facts = beginUse(presented, statement, request, proofKind, tokenHash);
      if (seen) seen.use = facts;
      if (!remembers || tokenHash === undefined) return after(checks(facts), (used) => refusalIn(used) ?? facts);
      const { root, rootHash } = statement.delegation ?? { root: statement, rootHash: tokenHash };
      this.#cached.hold(rootHash, root);
      return after(checks(facts), (used) => {
        const refused = refusalIn(used);
        if (refused) return refused;
        this.#cached.keep(rootHash, root);
        this.#links.keep(statement, tokenHash);
        return facts;
      });
    });
  }

  /** The same of the root of a chain, which is held while its links are verified: a forged link costs no more than one signature. */
  #assessRoot(root: Presented, hash: string, seen: Seen | undefined): MaybePromise<Refusal | Statement> {
    return after(this.#assess(root, hash, seen), (statement) => {
      if (!(statement instanceof Refusal)) this.#cached.hold(hash, statement);
      return statement;
    });
  }

  /** Assesses one token, or takes up what is cached of it. */
  #assess(presented: Presented, hash: string | undefined, seen: Seen | undefined): MaybePromise<Refusal | Statement> {
    const known = hash === undefined ? undefined : this.#cached.get(hash);
    if (seen) seen.token = presented;
    if (seen && known) seen.known = known;
    return known ? this.#recall(presented, known, hash) : assessStatement(presented);
  }

  /** Takes up what is cached of an attestation, after asking again what can have changed. */
  #recall(
    { configuration, now, load, chained }: Presented,
    statement: Statement,
    tokenHash: string | undefined,
  ): MaybePromise<Refusal | Statement> {
    return after(RECHECKS({ configuration, now, load, chained, statement }), (checked) => {
      const refused = refusalIn(checked);
      if (refused && tokenHash !== undefined) this.#cached.forget(tokenHash);
      return refused ?? statement;
    });
  }

  #conclude(facts: UseFacts): AttestationContext {
    const { statement, proofKind } = facts;
    const context = contextOf(statement, proofKind, toolDigestIn(facts));
    if (!USES[proofKind].remembers) this.#concluded.set(context, statement);
    this.#asked.note(context, facts);
    return context;
  }

  #refuseNothing(request: VerificationRequest | undefined): RefusedResult | undefined {
    if (request?.proof !== undefined) {
      return refuse(refusal("ERR_PROOF_UNEXPECTED", "A proof came without an attestation"), undefined);
    }
    if (this.configuration.policy !== "required") return undefined;
    return refuse(refusal("ERR_ATTESTATION_REQUIRED", "An attestation is required and none was presented"), undefined);
  }

  #judging(now: number): Judging {
    return { configuration: this.configuration, now, load: this.#load, chained: false };
  }

  /** The time in whole seconds; `undefined` from a clock that tells none, by which nothing can be judged (T19). */
  #now(): number | undefined {
    try {
      const now = Math.floor(this.configuration.clock());
      return Number.isSafeInteger(now) ? now : undefined;
    } catch {
      return undefined;
    }
  }
}

function refusalIn(answer: unknown): Refusal | undefined {
  return answer instanceof Refusal ? answer : undefined;
}

function noTime(): Refusal {
  return refusal("ERR_CLOCK", "The verifier's clock returned an invalid time");
}

function failed(): Refusal {
  return refusal("ERR_INTERNAL", "The verifier failed; nothing was accepted");
}
