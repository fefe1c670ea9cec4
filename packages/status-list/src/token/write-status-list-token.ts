import { encodeBase64url, optionError, type Signer } from "@attest/core";
import type { StatusList } from "../codec/status-list.ts";
import { STATUS_LIST_TYP } from "./strict-token.ts";

/** What a status list token says. Times are Unix seconds, `ttl` seconds. */
export interface StatusListClaims {
  readonly issuer: string;
  readonly uri: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly ttl: number;
}

/** Signs a status list token in JWT form. @throws AttestationError `ERR_OPTION` for a signer whose signatures are not 64 bytes. */
export async function writeStatusListToken(
  list: StatusList,
  { issuer, uri, issuedAt, expiresAt, ttl }: StatusListClaims,
  signer: Signer,
): Promise<string> {
  const header = { typ: STATUS_LIST_TYP, alg: signer.algorithm, kid: signer.kid };
  const claims = { iss: issuer, sub: uri, iat: issuedAt, exp: expiresAt, ttl, status_list: await list.encode() };
  const input = [header, claims]
    .map((part) => encodeBase64url(new TextEncoder().encode(JSON.stringify(part))))
    .join(".");
  const signature: unknown = await signer.sign(new TextEncoder().encode(input));
  if (!(signature instanceof Uint8Array) || signature.length !== 64) {
    throw optionError("signer", "must return raw signatures of 64 bytes: for ES256 r and s, not DER");
  }
  return `${input}.${encodeBase64url(signature)}`;
}
