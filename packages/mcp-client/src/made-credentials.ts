import type { Making } from "./agent-tickets.ts";
import type { Credentials } from "./credentials.ts";

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
