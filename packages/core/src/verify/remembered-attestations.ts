import type { AssessedAttestation } from "./assessment.ts";

/** Attestations remembered at most; each is a few kilobytes. */
const CAPACITY = 10_000;

/**
 * Attestations whose signature and claims have passed, by the SHA-256 of the whole token. It belongs to one verifier,
 * whose configuration never changes, so an entry cannot outlive the trust it was made under (T21). The oldest makes room.
 */
export class RememberedAttestations {
  readonly #entries = new Map<string, AssessedAttestation>();

  get(tokenHash: string): AssessedAttestation | undefined {
    return this.#entries.get(tokenHash);
  }

  add(tokenHash: string, attestation: AssessedAttestation): void {
    if (this.#entries.size >= CAPACITY) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(tokenHash, attestation);
  }

  forget(tokenHash: string): void {
    this.#entries.delete(tokenHash);
  }
}
