import { digest } from "#crypto";
import type { ProofRequest } from "../jose/digest.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import { NAMESPACE } from "../wire/names.ts";

/** What a MAC is over besides its ticket. Every text is of visible ASCII, so that none can hold the end of a line. */
export interface MacInput {
  /** base64url SHA-256 of the attestation. */
  readonly attHash: string;
  readonly audience: string;
  readonly iat: number;
  readonly jti: string;
  readonly request:
    | Pick<Exclude<ProofRequest, { kind: "response" }>, "kind" | "method">
    | { readonly kind: "response" };
  readonly digest: string;
  readonly sessionId: string | undefined;
  /** base64url SHA-256 of the access token. */
  readonly ath: string | undefined;
}

/** The first two of the ten lines, which are the same for all proofs of one ticket. */
export function macHead(ticket: string): MaybePromise<string> {
  return after(digest(ticket), (hash) => `${NAMESPACE}/mac/1\n${hash}`);
}

/** The ten lines that a MAC is over (SPEC §19). */
export function macInput(head: string, { attHash, audience, iat, jti, request, ...rest }: MacInput): string {
  const carrier = request.kind === "http" ? `http ${request.method}` : "mcp";
  const session = rest.sessionId === undefined ? "-" : `+${rest.sessionId}`;
  const ath = rest.ath === undefined ? "-" : `+${rest.ath}`;
  return `${head}\n${attHash}\n${audience}\n${iat}\n${jti}\n${carrier}\n${rest.digest}\n${session}\n${ath}`;
}
