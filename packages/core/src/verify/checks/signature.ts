import { utf8 } from "#crypto";
import type { CompactJws } from "../../jose/strict-jws.ts";
import { isCanonicalScalar, isUnsafePoint } from "../../keys/ed25519-point.ts";
import type { VerificationKey } from "../../keys/verification-key.ts";
import type { Assessment } from "../assessment.ts";
import { type MaybePromise, type Refusal, refusal } from "../refusal.ts";

/** §6.5: the issuer's key signed this, in the one canonical form of an Ed25519 signature (K1, K2). */
export function checkSignature({ jws, key, load }: Assessment): MaybePromise<Refusal | undefined> {
  return expectTrue(isSignedBy(key, jws, load.verifying > 1), () =>
    refusal("ERR_ATTESTATION_SIGNATURE", "The attestation's signature is not its issuer's"),
  );
}

/** §6.7: the key inside the attestation signed the proof. */
export function checkProofSignature({ proof, holder, load }: Assessment): MaybePromise<Refusal | undefined> {
  return expectTrue(isSignedBy(holder, proof, load.verifying > 1), () =>
    refusal("ERR_PROOF_SIGNATURE", "The proof's signature is not that of the key in the attestation"),
  );
}

function isSignedBy(
  key: VerificationKey,
  { signature, signingInput }: CompactJws,
  crowded: boolean,
): MaybePromise<boolean> {
  if (key.algorithm === "Ed25519" && (isUnsafePoint(signature) || !isCanonicalScalar(signature.subarray(32)))) {
    return false;
  }
  return key.verify(utf8(signingInput), signature, crowded);
}

function expectTrue(answer: MaybePromise<boolean>, otherwise: () => Refusal): MaybePromise<Refusal | undefined> {
  // Only `true` is a yes: the type is a promise made by whoever implements the key.
  const judge = (valid: boolean) => (valid === true ? undefined : otherwise());
  return answer instanceof Promise ? answer.then(judge) : judge(answer);
}
