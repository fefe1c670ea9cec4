// The attestations that proofs are made for.
import { agentP256, MESSAGE } from "../common/baseline.mjs";
import { holding } from "../common/changes.mjs";
import { attestation, proof } from "../common/tokens.mjs";

export const ATTESTATION = attestation();
export const P256_ATTESTATION = attestation(holding(agentP256));
export const p256Proof = (change) => proof(P256_ATTESTATION, MESSAGE, change, { key: agentP256 });
