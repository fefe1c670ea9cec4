import type { Ticket, TicketAsk } from "@attest/core";
import type { Credentials, MessageName } from "./credentials.ts";

/** What a proof is made with, besides what it is for. */
export interface Making {
  readonly ticket: Ticket | undefined;
  readonly ask: TicketAsk | undefined;
  readonly name: MessageName;
  /** By the agent's own clock. */
  readonly at: number;
}

/** Credentials that keep what they were made with until their answer comes, so that no table has to. */
export class MadeCredentials implements Credentials {
  readonly attestation: string;
  readonly proof: string;
  readonly issuedAt: number;
  readonly kind: "signature" | "mac";
  #making: Making | undefined;

  constructor({ attestation, proof, issuedAt, kind }: Credentials, making: Making | undefined) {
    this.attestation = attestation;
    this.proof = proof;
    this.issuedAt = issuedAt;
    this.kind = kind;
    this.#making = making;
  }

  /** What credentials were made with: once, and `undefined` for such as somebody else made. */
  static take(credentials: Credentials): Making | undefined {
    if (!(#making in credentials)) return undefined;
    const making = credentials.#making;
    credentials.#making = undefined;
    return making;
  }
}
