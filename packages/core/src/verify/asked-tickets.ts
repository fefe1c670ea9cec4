import type { UseFacts } from "../checks/use.ts";
import type { ProofClaims } from "../claims/proof-claims.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import { notify } from "../observer.ts";
import type { TicketGrant } from "../tickets/ticket-grant.ts";
import type { TicketRequest } from "../tickets/tickets.ts";
import type { VerifierConfiguration } from "../trust/verifier-options.ts";
import type { AttestationContext } from "./result.ts";

/** The tickets that signed proofs asked for, each until it is granted or its verification forgotten. */
export class AskedTickets {
  readonly #configuration: VerifierConfiguration;
  readonly #asked = new WeakMap<AttestationContext, TicketRequest>();

  constructor(configuration: VerifierConfiguration) {
    this.#configuration = configuration;
  }

  /** Takes note of what the proof of a verified use asked for, if anything. */
  note(context: AttestationContext, facts: UseFacts & { proofClaims?: ProofClaims; audience?: string }): void {
    const { proofClaims, audience, statement, request, now } = facts;
    if (!this.#configuration.tickets || proofClaims?.ticketEpk === undefined) return;
    const { holderKey } = statement;
    if (audience === undefined || !holderKey || typeof request?.proof !== "string") return;
    const { thumbprint } = holderKey;
    const asked = { proof: request.proof, agentKey: proofClaims.ticketEpk, audience, thumbprint, now };
    this.#asked.set(context, { ...asked, rootKey: statement.delegation?.root.holderKey?.thumbprint ?? thumbprint });
  }

  /** Grants what was asked for, once. */
  grant(context: AttestationContext): MaybePromise<TicketGrant | undefined> {
    const asked = this.#asked.get(context);
    if (!asked) return undefined;
    this.#asked.delete(context);
    return this.#grant(asked, context);
  }

  async #grant(asked: TicketRequest, context: AttestationContext): Promise<TicketGrant | undefined> {
    const grant = await this.#configuration.tickets?.grant(asked);
    if (grant) notify(this.#configuration.observer, { type: "ticket", action: "granted", issuer: context.issuer });
    return grant;
  }
}
