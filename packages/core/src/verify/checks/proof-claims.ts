import { ClaimReader, IDENTIFIER, LONG_IDENTIFIER } from "../../claims/claim-reader.ts";
import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** The claims of a proof (SPEC §3). */
export interface ProofClaims {
  readonly aud: string;
  readonly jti: string;
  readonly iat: number;
  readonly attHash: string;
  readonly mcpDigest: string | undefined;
  readonly htm: string | undefined;
  readonly bodyDigest: string | undefined;
  readonly session: string | undefined;
  readonly ath: string | undefined;
}

const SHA256 = /^[A-Za-z0-9_-]{43}$/;
/** At least 96 bits, which no encoding writes in fewer than 16 characters. */
const PROOF_JTI = /^[\x21-\x7e]{16,256}$/;

/** §6 step 7: the proof's claims by their schema. */
export function readProofClaims(assessment: Assessment): Refusal | undefined {
  const reader = new ClaimReader(assessment.proof.payload);
  assessment.proofClaims = {
    aud: reader.text("aud", LONG_IDENTIFIER),
    jti: reader.text("jti", PROOF_JTI),
    iat: reader.time("iat"),
    attHash: reader.text("att_hash", SHA256),
    mcpDigest: reader.optionalText("mcp_digest", SHA256),
    htm: reader.optionalText("htm", IDENTIFIER),
    bodyDigest: reader.optionalText("body_digest", SHA256),
    session: reader.optionalText("session", LONG_IDENTIFIER),
    ath: reader.optionalText("ath", SHA256),
  };
  if (reader.problem === undefined) return undefined;
  return refusal("ERR_PROOF_CLAIMS", `The proof's claims are malformed: ${reader.problem}`);
}
