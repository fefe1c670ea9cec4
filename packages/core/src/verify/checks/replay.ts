import type { Writable } from "../../claims/claim-reader.ts";
import { BACKDATE } from "../../claims/profile.ts";
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
  const { configuration, now, claims, holderKey, agent, proofClaims, request } = assessment;
  const { clockTolerance, proofWindow, nodeSkew } = configuration;
  // The last instant at which any instance could still accept it, by its own times (R4, R14).
  const expiry = (base: number) => base + clockTolerance + nodeSkew;
  const use: Writable<ReplayUse> = {
    key,
    now,
    issuedAt: holderKey ? proofClaims.iat : claims.iat,
    expiresAt: holderKey ? expiry(proofClaims.iat + proofWindow) : expiry(claims.exp),
    clockTolerance,
    nodeSkew,
    holder: agent,
  };
  // What came over HTTP may have been seen, and used, before this process existed (R17).
  if (request?.kind === "http" || request?.overHttp) use.notBefore = use.issuedAt + (holderKey ? 0 : BACKDATE);
  if (holderKey) use.holderKey = holderKey.thumbprint;
  return use;
}

/** Exactly `true` and `false` are answers (R15). */
function judge(first: boolean): Refusal | undefined {
  if (first === true) return undefined;
  return first === false ? refusal("ERR_REPLAY", "This proof was already used") : unavailable(undefined);
}

function unavailable(error: unknown): Refusal {
  const code = error instanceof AttestationError ? error.code : undefined;
  if (code === "ERR_REPLAY_CACHE_FULL") return refusal(code, "The replay cache has no room for another proof");
  if (code === "ERR_REPLAY_BEFORE_START") {
    return refusal(code, "The proof may have been used before this process started; a new one is accepted");
  }
  return refusal(
    "ERR_REPLAY_CACHE_UNAVAILABLE",
    "The replay cache cannot tell at the moment whether this proof was used before",
  );
}
