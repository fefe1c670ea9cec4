/** A MAC proof, read but not verified in any way (SPEC §19). */
export interface MacProof {
  readonly ticket: string;
  readonly iat: number;
  readonly jti: string;
  readonly digest: string;
  readonly mac: string;
}

/** What a MAC proof begins with, and no JWS does (T2). */
const PREFIX = "mac1~";
const MAX_LENGTH = 1024;
const FORM =
  /^mac1~([A-Za-z0-9_-]{64,512})~(0|[1-9][0-9]{0,15})~([A-Za-z0-9_-]{16,64})~([A-Za-z0-9_-]{43})~([A-Za-z0-9_-]{43})$/;

/** Whether what came as a proof is to be read as a MAC proof; anything else is read as a JWS. */
export function isMacProof(proof: unknown): proof is string {
  return typeof proof === "string" && proof.startsWith(PREFIX);
}

/** Reads a MAC proof. @returns What is wrong with it, if anything. */
export function readMacProof(text: string): MacProof | "SIZE" | "FORMAT" {
  if (text.length > MAX_LENGTH) return "SIZE";
  const [, ticket, time, jti, digest, mac] = FORM.exec(text) ?? [];
  const iat = Number(time);
  if (!ticket || !jti || !digest || !mac || !Number.isSafeInteger(iat)) return "FORMAT";
  return { ticket, iat, jti, digest, mac };
}

/** Writes a MAC proof. */
export function writeMacProof({ ticket, iat, jti, digest, mac }: MacProof): string {
  return `${PREFIX}${ticket}~${iat}~${jti}~${digest}~${mac}`;
}
