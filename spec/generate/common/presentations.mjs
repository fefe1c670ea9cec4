// What is put to a verifier, and what it must say.
import { agent, BOUND_CLAIMS, MESSAGE, NOW } from "./baseline.mjs";
import { thumbprint } from "./test-keys.mjs";
import { proof } from "./tokens.mjs";

/** What a verifier says of an honest bound attestation. */
export const verified = {
  outcome: "verified",
  profile: "bound",
  trustLevel: "provider",
  subject: BOUND_CLAIMS.sub,
  keyThumbprint: thumbprint(agent.jwk),
};
/** The same of one whose agent holds another key. */
export const verifiedFor = ({ jwk }) => ({ ...verified, keyThumbprint: thumbprint(jwk) });
export const verifiedBearer = {
  outcome: "verified",
  profile: "bearer",
  trustLevel: "provider",
  subject: BOUND_CLAIMS.sub,
};

const REASONS = {
  ERR_ATTESTATION_REQUIRED: "attestation_required",
  ERR_ATTESTATION_EXPIRED: "attestation_expired",
  ERR_ATTESTATION_NOT_YET_VALID: "attestation_expired",
  ERR_DELEGATION_EXPIRED: "attestation_expired",
  ERR_DELEGATION_AUDIENCE: "attestation_proof_invalid",
  ERR_DELEGATION_SCOPE: "attestation_claims_insufficient",
  ERR_PROOF_TIME: "attestation_expired",
  ERR_REPLAY: "attestation_replay",
  ERR_REPLAY_BEFORE_START: "attestation_expired",
  ERR_ISSUER_UNTRUSTED: "attestation_issuer_untrusted",
  ERR_CLAIM_REQUIRED: "attestation_claims_insufficient",
  ERR_REVOKED: "attestation_revoked",
  ERR_REVOCATION_UNAVAILABLE: "attestation_unavailable",
  ERR_KEY_SOURCE_UNAVAILABLE: "attestation_unavailable",
  ERR_REPLAY_CACHE_UNAVAILABLE: "attestation_unavailable",
  ERR_REPLAY_CACHE_FULL: "attestation_unavailable",
  ERR_CLOCK: "attestation_unavailable",
};

const REASONS_BY_PREFIX = [
  ["ERR_PROOF_", "attestation_proof_invalid"],
  ["ERR_TICKET", "attestation_ticket_refused"],
  ["", "attestation_invalid"],
];

/** A refusal: what the operator is told, and the reason that the peer is told (SPEC §7). */
export function refused(code, time) {
  const reason = REASONS[code] ?? REASONS_BY_PREFIX.find(([prefix]) => code.startsWith(prefix))[1];
  return { outcome: "refused", reason, code, ...(reason === "attestation_expired" && { serverTime: time ?? NOW }) };
}

export const unassessed = (code) => ({ outcome: "unassessed", reason: refused(code).reason, code });

/** One presentation of an attestation to a verifier, with the honest proof for it unless another is given. */
export function present(token, expected, other = {}) {
  const request = Object.hasOwn(other, "request") ? other.request : MESSAGE;
  const provable = typeof token === "string" && request !== undefined;
  const { accessToken, sessionId, overHttp } = other;
  const withProof = Object.hasOwn(other, "proof") ? other.proof : provable ? proof(token, request) : undefined;
  return {
    time: other.time === undefined ? NOW : other.time,
    attestation: token,
    proof: withProof,
    request,
    sessionId,
    accessToken,
    overHttp,
    expected,
  };
}

/**
 * A list of vectors of one presentation each, to `put` them into.
 *
 * @param usual The verifier, and what is presented, where a vector does not say otherwise.
 */
export function presenting(kind, usual) {
  const list = [];
  const put = (title, requirements, expected, token, other) => {
    const { verifier, ...presented } = { ...usual, ...other };
    const presentations = [present(token, expected, presented)];
    list.push({ title: `${kind}: ${title}`, requirements, verifier, presentations });
  };
  return { list, put };
}

/** Puts attestations with one thing altered: `good` ones, which are verified all the same, and `bad` ones. */
export function altering(put, make, accepted) {
  const good = (title, requirements, change, other) => put(title, requirements, accepted, make(change), other);
  const bad = (title, requirements, code, change, other) =>
    put(title, requirements, refused(code), make(change), other);
  return { good, bad };
}
