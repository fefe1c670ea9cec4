import { AttestationError } from "../../errors.ts";
import type { ReplayUse } from "../../replay/replay-cache.ts";
import { replayKey } from "../../replay/replay-key.ts";
import type { Assessment } from "../assessment.ts";
import { withinDeadline } from "../deadline.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** §6.8: the last of all checks, so that nobody without good credentials can fill the cache (R5): this use is the first. */
export async function consumeUse(assessment: Assessment): Promise<Refusal | undefined> {
  const { replayCache } = assessment.configuration;
  try {
    const answer = replayCache.consume(await useOf(assessment));
    return judge(answer instanceof Promise ? await withinDeadline(answer) : answer);
  } catch (error) {
    return unavailable(error);
  }
}

async function useOf(assessment: Assessment): Promise<ReplayUse> {
  const {
    configuration,
    now,
    profile = "bearer",
    audience,
    claims,
    holderKey,
    trustedIssuer,
    proofClaims,
  } = assessment;
  const { clockTolerance, proofWindow, nodeSkew } = configuration;
  const bound = profile === "bound";
  const thumbprint = holderKey?.thumbprint ?? "";
  const { jti, iat } = bound ? proofClaims : claims;
  return {
    key: await replayKey([profile, trustedIssuer.issuer, audience, thumbprint, jti]),
    now,
    issuedAt: iat,
    // The last instant at which any instance could still accept it (R4, R14).
    expiresAt: bound ? iat + proofWindow + clockTolerance + nodeSkew : claims.exp + clockTolerance + nodeSkew,
    holder: bound ? thumbprint : `${trustedIssuer.issuer} ${claims.sub}`,
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
