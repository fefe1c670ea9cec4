import { utf8 } from "#crypto";
import type { CompactJws } from "../jose/strict-jws.ts";
import { ALGORITHMS, isSigningAlgorithm } from "../keys/algorithms.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Attributed, Judging } from "./statement.ts";

/**
 * From this many verifications under way, signatures are spread over threads; fewer hold up the event loop for no longer
 * than seven signatures take. Measured on two cores, time and CPU time on threads compared with this thread's: two at once
 * take a third and a half more, five as long for a third more, seven a quarter less for a fifth more, and 64 two fifths
 * less for a twentieth more.
 */
const CROWD = 8;

/** §6 step 5: the issuer's key signed this, in the one canonical form that its algorithm has (K1, K2). */
export function checkSignature({
  jws,
  key,
  load,
}: Attributed & { readonly key: VerificationKey }): MaybePromise<Refusal | undefined> {
  return after(isSignedBy(key, jws, load), (valid) =>
    // Only `true` is a yes: the type is a promise made by the author of the key.
    valid === true
      ? undefined
      : refusal("ERR_ATTESTATION_SIGNATURE", "The attestation's signature is not its issuer's"),
  );
}

/** §6 step 7: the key inside the attestation signed the proof. */
export function checkProofSignature({
  proof,
  holderKey,
  load,
}: Judging & { readonly proof: CompactJws; readonly holderKey: VerificationKey }): MaybePromise<Refusal | undefined> {
  return after(isSignedBy(holderKey, proof, load), (valid) =>
    valid === true
      ? undefined
      : refusal("ERR_PROOF_SIGNATURE", "The proof's signature is not that of the key in the attestation"),
  );
}

/** Whether a key signed this, in the one canonical form that its algorithm has. */
export function isSignedBy(
  key: VerificationKey,
  { signature, signingInput }: CompactJws,
  load: Judging["load"],
): MaybePromise<boolean> {
  const { algorithm } = key;
  if (isSigningAlgorithm(algorithm) && ALGORITHMS[algorithm].isCanonical?.(signature) === false) return false;
  return key.verify(utf8(signingInput), signature, load.verifying >= CROWD);
}
