import {
  AttestationVerifier,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  type PublicJwk,
  type TrustedIssuer,
  type VerificationRequest,
} from "@attest/core";
import type { Presentation, VectorVerifier } from "./vector.ts";

export interface JsonWebKeySet {
  readonly keys: readonly PublicJwk[];
}

const down = () => {
  throw new Error("unavailable");
};

/** A verifier as a vector describes it, new, on a clock that is set from outside. */
export async function verifierOf(
  { keys, revoked, unavailable = [], replayCapacity, trustedIssuers, requiredClaims, ...options }: VectorVerifier,
  clock: () => number,
): Promise<AttestationVerifier> {
  const keyResolver = new InMemoryKeyResolver();
  for (const [issuer, set] of Object.entries(keys)) for (const jwk of set.keys) await keyResolver.addKey(issuer, jwk);
  const replayCache = new InMemoryReplayCache(
    replayCapacity === undefined ? {} : { maxEntries: replayCapacity, maxShare: 1 },
  );
  return new AttestationVerifier({
    ...options,
    trustedIssuers: trustedIssuers as unknown as [TrustedIssuer],
    requiredClaims,
    clock,
    keyResolver: unavailable.includes("keys") ? { resolve: down } : keyResolver,
    replayCache: unavailable.includes("replayCache") ? { scope: "process", consume: down } : replayCache,
    ...(revoked && { isRevoked: ({ jti }) => revoked.includes(jti) }),
    ...(unavailable.includes("revocation") && { isRevoked: down }),
  });
}

/** The request of a presentation as a verifier takes it. */
export function requestOf({ request, proof, sessionId, accessToken }: Presentation): VerificationRequest | undefined {
  const body =
    request?.kind === "http" && request.body !== undefined ? Buffer.from(request.body, "base64url") : undefined;
  if (request === undefined && proof === undefined) return undefined;
  return {
    ...(request as Extract<VerificationRequest, { kind: "message" }>),
    ...(body && ({ body } as object)),
    ...(proof !== undefined && { proof }),
    ...(sessionId !== undefined && { sessionId }),
    ...(accessToken !== undefined && { accessToken }),
  };
}
