import {
  AttestationError,
  type AttestationVerifier,
  decodeAttestation,
  HTTP_FIELDS,
  importVerificationKey,
  optionError,
  readAuthorization,
  type TrustLevel,
  type VerificationResult,
} from "@attest/core";
import { type Evidence, EvidenceError, type EvidenceVerifier } from "./evidence.ts";

/**
 * Attestations of another authority: an agent that is attested by the maker of its model, say, gets one of its enterprise for the
 * same key. A rule may embed the maker's (`nest`).
 *
 * The attestation and a proof for this very request are taken from their own HTTP fields, `Agent-Attestation` and
 * `Agent-Attestation-Proof`, as `attestFetch` sends them. Its key is the only one that can be attested: an attestation alone,
 * without possession of its key, is worth nothing here. A sub-agent's chain is refused: it says who answers for a sub-agent, and
 * nothing about what that is.
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
      // The proof covers the credential in `Authorization` too, which is no evidence here.
      const { accessToken } = readAuthorization(headers.get("Authorization"));
      const covered = { kind: "http", method, body, ...(accessToken !== undefined && { accessToken }) } as const;
      const result = await verifier.verify(attestation, { ...covered, proof });
      if (!result.verified) throw refusalOf(result);
      if (result.delegation) throw SUB_AGENT();
      if (result.keyThumbprint === undefined) throw UNBOUND();
      const { issuer, subject, keyThumbprint, trustLevel } = result;
      return evidenceOf(attestation, { issuer, subject, keyThumbprint, trustLevel });
    },
    async rehearse({ credential = "", method, body }): Promise<Evidence> {
      if (credential.includes("~")) throw SUB_AGENT();
      const result = await verifier.verify(credential, { kind: "http", method, body });
      if (result.verified) throw UNBOUND();
      // Everything else about the attestation was checked before.
      if (result.outcome !== "refused" || result.code !== "ERR_PROOF_REQUIRED") throw refusalOf(result);
      const { claims } = decodeAttestation(credential);
      if (!claims?.cnf) throw UNBOUND();
      const { iss: issuer, sub: subject, cnf } = claims;
      const { thumbprint: keyThumbprint } = await importVerificationKey(cnf.jwk);
      const { trustLevel = "none" } = verifier.configuration.issuers.get(issuer) ?? {};
      return evidenceOf(credential, { issuer, subject, keyThumbprint, trustLevel });
    },
  };
}

const SUB_AGENT = () => new EvidenceError("claims", "A sub-agent's chain says nothing of what the sub-agent is");
const UNBOUND = () => new EvidenceError("key_binding", "The attestation is bound to no key");

function evidenceOf(
  attestation: string,
  about: { issuer: string; subject: string; keyThumbprint: string; trustLevel: TrustLevel },
): Evidence {
  const { issuer, subject, keyThumbprint, trustLevel } = about;
  return {
    subject,
    // Verified, in its wire form: rules name members as the specification does.
    claims: decodeAttestation(attestation).payload,
    handle: JSON.stringify([issuer, subject, keyThumbprint]),
    keyThumbprint,
    // No verifier interprets another's inside an enterprise's (SPEC-20.4).
    ...(trustLevel === "provider" && { attestation }),
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
