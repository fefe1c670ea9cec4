import {
  AttestationError,
  type AttestationVerifier,
  decodeAttestation,
  HTTP_FIELDS,
  optionError,
  type VerificationResult,
} from "@attest/core";
import { type Evidence, EvidenceError, type EvidenceVerifier } from "./evidence.ts";

/**
 * Attestations of another authority: an agent that is attested by the maker of its model, say, gets one of its enterprise for the
 * same key.
 *
 * The attestation and a proof for this very request are taken from their own HTTP fields, `Agent-Attestation` and
 * `Agent-Attestation-Proof`, as `attestFetch` sends them. Its key is the only one that can be attested: an attestation alone,
 * without possession of its key, is worth nothing here.
 *
 * @param verifier Trusts the other authorities. Its `audience` is this authority.
 * @throws AttestationError `ERR_OPTION`.
 */
export function attestationEvidence(verifier: AttestationVerifier): EvidenceVerifier {
  if (typeof verifier?.verify !== "function") throw optionError("verifier", "must be an AttestationVerifier");
  return {
    kind: "attestation",
    async verify({ headers, method, body }): Promise<Evidence> {
      const attestation = headers.get(HTTP_FIELDS.attestation) ?? undefined;
      const proof = headers.get(HTTP_FIELDS.proof) ?? undefined;
      if (attestation === undefined || proof === undefined) {
        throw new EvidenceError("missing", "An attestation and a proof for this request must be in their HTTP fields");
      }
      const result = await verifier.verify(attestation, { kind: "http", method, body, proof });
      if (!result.verified) throw refusalOf(result);
      if (result.keyThumbprint === undefined) {
        throw new EvidenceError("key_binding", "The attestation is bound to no key");
      }
      const { issuer, subject, keyThumbprint } = result;
      return {
        subject,
        // Verified, in its wire form: rules name members as the specification does.
        claims: decodeAttestation(attestation).payload,
        handle: JSON.stringify([issuer, subject, keyThumbprint]),
        keyThumbprint,
      };
    },
  };
}

function refusalOf(result: Exclude<VerificationResult, { verified: true }>): Error {
  if (result.outcome !== "refused") return new EvidenceError("missing", "The attestation was not assessed");
  const error = new AttestationError(result.code, result.message);
  if (error.reason === "attestation_unavailable") return error;
  return new EvidenceError(
    result.reason === "attestation_expired" ? "expired" : "claims",
    `${result.code}: ${result.message}`,
  );
}
