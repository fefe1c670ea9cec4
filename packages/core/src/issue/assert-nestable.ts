import { isSameModel } from "../checks/nested.ts";
import { readAttestationClaims } from "../claims/attestation-claims.ts";
import { TYP, VERSION } from "../claims/attestation-kinds.ts";
import { optionError } from "../errors.ts";
import { ATTESTATION_LIMITS } from "../jose/jws-limits.ts";
import { readCompactJws } from "../jose/strict-jws.ts";
import { importVerificationKey } from "../keys/verification-key.ts";
import type { AttestationRequest } from "./attestation-request.ts";

/** Characters that a nested attestation may have. */
const MAX_NESTED = 4096;

/**
 * Refuses to embed an attestation that verifiers would refuse in there: another key's, another model's, one that holds another,
 * or none at all. Whether it is genuine is for the caller to verify.
 *
 * @throws AttestationError `ERR_OPTION`, naming `nested`.
 */
export async function assertNestable(nested: string, request: AttestationRequest): Promise<void> {
  const { identity, metadata = {}, confirmationKey } = request;
  if (typeof nested === "string" && nested.length > MAX_NESTED) {
    throw optionError("nested", `has ${nested.length} characters, and may have ${MAX_NESTED}`);
  }
  const jws = readCompactJws(nested, ATTESTATION_LIMITS);
  const { claims } = typeof jws === "string" ? {} : readAttestationClaims(jws.payload);
  const isBound = typeof jws !== "string" && jws.header.typ === TYP.attestation && claims?.cnf !== undefined;
  if (!isBound || claims.attestationMetadata.attestationVersion !== VERSION.attestation) {
    throw optionError("nested", "must be a bound attestation, as its authority returned it");
  }
  if (claims.attestationMetadata.nestedAttestation !== undefined) {
    throw optionError("nested", "must have no nested attestation of its own");
  }
  if (metadata.nestedAttestation !== undefined)
    throw optionError("nested", "and metadata.nestedAttestation are one claim");
  if ((metadata.attestationType ?? "enterprise") !== "enterprise") {
    throw optionError("nested", "is for an enterprise's attestation: leave out metadata.attestationType");
  }
  const [inner, outer] = await Promise.all([claims.cnf?.jwk, confirmationKey].map(thumbprintOf));
  if (inner === undefined || inner !== outer) {
    throw optionError("nested", "must be for the key that is attested: confirmationKey");
  }
  if (!isSameModel(claims, { ...claims, agentIdentity: identity })) {
    throw optionError("nested", "must be about the same model: identity.modelFamily, modelVersion and provider");
  }
}

async function thumbprintOf(jwk: AttestationRequest["confirmationKey"]): Promise<string | undefined> {
  return jwk && (await importVerificationKey(jwk)).thumbprint;
}
