import type { VerificationKey } from "@attest/core";
import { importConfirmationKey } from "./check-possession.ts";

/** Keys that are held prepared at once, and how long the JWK of one may be: some megabytes in all. */
const MOST = 4096;
const MAX_LENGTH = 512;

/**
 * Keys that were vetted and prepared before. An agent renews with the same key every few minutes: vetting the same JWK again
 * finds the same. It says nothing of who holds the key, which is proved each time.
 */
export class ConfirmationKeys {
  /** By the text of the whole JWK, in the order in which they were first shown. */
  readonly #prepared = new Map<string, VerificationKey>();

  /** Vets a key that is to be attested, or finds it. @throws Problem as `importConfirmationKey`. */
  async import(jwk: Readonly<Record<string, unknown>>): Promise<VerificationKey> {
    const text = JSON.stringify(jwk);
    const known = this.#prepared.get(text);
    if (known) return known;
    const key = await importConfirmationKey(jwk);
    if (text.length > MAX_LENGTH) return key;
    if (this.#prepared.size >= MOST) {
      for (const [first] of this.#prepared) {
        this.#prepared.delete(first);
        break;
      }
    }
    this.#prepared.set(text, key);
    return key;
  }
}
