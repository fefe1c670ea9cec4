import { decodeBase64url, decodeStrictJson, isJsonObject } from "@attest/core";
import { EvidenceError } from "./evidence.ts";

/** A signed token taken apart (RFC 7515 §7.1). Nothing of it is verified. */
export interface SignedToken {
  /** What is signed: header and payload as they are written. */
  readonly signed: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly signature: Uint8Array;
}

const COMPACT_JWS = /^[\w-]{2,1024}\.[\w-]{2,8192}\.[\w-]{16,1024}$/;

/** Takes apart what was presented. @throws EvidenceError `missing`, `format`. */
export function readSignedToken(credential: string | undefined): SignedToken {
  if (credential === undefined) throw new EvidenceError("missing", "No token was presented");
  if (!COMPACT_JWS.test(credential)) {
    throw new EvidenceError("format", "What was presented is not a signed token (compact JWS)");
  }
  const end = credential.lastIndexOf(".");
  const signature = decodeBase64url(credential.slice(end + 1));
  const header = objectIn(credential.slice(0, credential.indexOf(".")));
  // No extension that must be understood is understood here (RFC 7515 §4.1.11).
  if (!header || !signature || Object.hasOwn(header, "crit")) throw unreadable();
  return { signed: credential.slice(0, end), header, signature };
}

/** The claims of a token whose signature was verified. @throws EvidenceError `format` if they are not a JSON object. */
export function claimsIn({ signed }: SignedToken): Readonly<Record<string, unknown>> {
  const claims = objectIn(signed.slice(signed.indexOf(".") + 1));
  if (!claims) throw unreadable();
  return claims;
}

/** Strictly: one spelling of base64url, no member twice (T10). */
function objectIn(segment: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64url(segment);
  const value: unknown = bytes && decodeStrictJson(bytes).value;
  return isJsonObject(value) ? value : undefined;
}

function unreadable(): EvidenceError {
  return new EvidenceError("format", "The token cannot be read");
}
