import { ClaimReader, IDENTIFIER, LONG_IDENTIFIER } from "./claim-reader.ts";

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
  /** Which definition of the called tool the agent decided on (SPEC §23). */
  readonly toolDigest: string | undefined;
  /** With which key a ticket is asked for, as it came: what is malformed is not granted, and refuses nothing (SPEC §19). */
  readonly ticketEpk: unknown;
}

/** A SHA-256 in base64url. */
export const SHA256: RegExp = /^[A-Za-z0-9_-]{43}$/;
/** At least 96 bits, which no encoding writes in fewer than 16 characters. */
const PROOF_JTI = /^[\x21-\x7e]{16,256}$/;

/** Rebuilds a proof's claims from their wire form, or says what is wrong with the first that is wrong. */
export function readProofClaims(
  payload: Readonly<Record<string, unknown>>,
): ProofClaims | { readonly problem: string } {
  const reader = new ClaimReader(payload);
  const claims: ProofClaims = {
    aud: reader.text("aud", LONG_IDENTIFIER),
    jti: reader.text("jti", PROOF_JTI),
    iat: reader.time("iat"),
    attHash: reader.text("att_hash", SHA256),
    mcpDigest: reader.optionalText("mcp_digest", SHA256),
    htm: reader.optionalText("htm", IDENTIFIER),
    bodyDigest: reader.optionalText("body_digest", SHA256),
    session: reader.optionalText("session", LONG_IDENTIFIER),
    ath: reader.optionalText("ath", SHA256),
    toolDigest: reader.optionalText("tool_digest", SHA256),
    ticketEpk: Object.hasOwn(payload, "ticket_epk") ? payload["ticket_epk"] : undefined,
  };
  return reader.problem === undefined ? claims : { problem: reader.problem };
}
