import { encodeBase64url, type Signer } from "@attest/core";
import { signToken } from "./sign-token.ts";

/** What a forged status list says. Times are Unix seconds. */
export interface ForgedList {
  readonly uri: string;
  readonly issuedAt: number;
  /** Default: an hour after it was issued. */
  readonly expiresAt?: number;
  /** Indexes that are revoked in it; all others are valid. */
  readonly revoked?: readonly number[];
  /** Default 16,384: room for 131,072 attestations. */
  readonly bytes?: number;
  readonly typ?: string;
  readonly issuer?: string;
}

/** Seconds for which lists of this suite may be used. */
export const LIST_TTL = 60;

/** Signs a status list as an authority would, whatever it says. */
export async function signList(signer: Signer, list: ForgedList): Promise<string> {
  const { uri, issuedAt, expiresAt = issuedAt + 3600, revoked = [], bytes = 16_384, typ = "statuslist+jwt" } = list;
  const bits = new Uint8Array(bytes);
  for (const idx of revoked) bits[idx >> 3] = (bits[idx >> 3] ?? 0) | (1 << (idx & 7));
  const compressed = new Blob([bits]).stream().pipeThrough(new CompressionStream("deflate"));
  const lst = encodeBase64url(new Uint8Array(await new Response(compressed).arrayBuffer()));
  const claims = {
    ...(list.issuer !== undefined && { iss: list.issuer }),
    ...{ sub: uri, iat: issuedAt, exp: expiresAt, ttl: LIST_TTL, status_list: { bits: 1, lst } },
  };
  return signToken({ typ, alg: signer.algorithm, kid: signer.kid }, claims, (data) => signer.sign(data));
}
