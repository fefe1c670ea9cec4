import { AttestationError } from "../../errors.ts";
import { after, isPending, type MaybePromise } from "../../maybe-promise.ts";
import type { ReplayUse } from "../../replay/replay-cache.ts";
import { replayKey } from "../../replay/replay-key.ts";
import type { Assessment } from "../assessment.ts";
import { withinDeadline } from "../deadline.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** §6 step 8: the last of all checks, so that nobody without good credentials can fill the cache (R5): this use is the first. */
export function consumeUse(assessment: Assessment): MaybePromise<Refusal | undefined> {
  const { configuration, profile = "bearer", audience, holderKey, trustedIssuer, claims, proofClaims } = assessment;
  const { jti } = profile === "bound" ? proofClaims : claims;
  const key = replayKey([profile, trustedIssuer.issuer, audience, holderKey?.thumbprint ?? "", jti]);
  return after(key, (key) => {
    try {
      const answer = configuration.replayCache.consume(useOf(assessment, key));
      return isPending(answer) ? withinDeadline(answer).then(judge).catch(unavailable) : judge(answer);
    } catch (error) {
      return unavailable(error);
    }
  });
}

function useOf(assessment: Assessment, key: string): ReplayUse {
  const { configuration, now, claims, holderKey, trustedIssuer, proofClaims } = assessment;
  const { clockTolerance, proofWindow, nodeSkew } = configuration;
  // The last instant at which any instance could still accept it, by its own times (R4, R14).
  const expiry = (base: number) => base + clockTolerance + nodeSkew;
  return holderKey
    ? {
        key,
        now,
        issuedAt: proofClaims.iat,
        expiresAt: expiry(proofClaims.iat + proofWindow),
        holder: holderKey.thumbprint,
      }
    : {
        key,
        now,
        issuedAt: claims.iat,
        expiresAt: expiry(claims.exp),
        holder: `${trustedIssuer.issuer} ${claims.sub}`,
      };
}

/** Exactly `true` and `false` are answers (R15). */
function judge(first: boolean): Refusal | undefined {
  if (first === true) return undefined;
  return first === false ? refusal("ERR_REPLAY", "This use was made before") : unavailable(undefined);
}

function unavailable(error: unknown): Refusal {
  const full = error instanceof AttestationError && error.code === "ERR_REPLAY_CACHE_FULL";
  return full
    ? refusal("ERR_REPLAY_CACHE_FULL", "The replay cache has no room for another use")
    : refusal("ERR_REPLAY_CACHE_UNAVAILABLE", "Whether this use is the first cannot be told at the moment");
}
