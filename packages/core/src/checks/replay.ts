import type { AttestationClaims } from "../claims/attestation-claims.ts";
import { BACKDATE } from "../claims/attestation-kinds.ts";
import type { Writable } from "../claims/claim-reader.ts";
import type { ProofClaims } from "../claims/proof-claims.ts";
import { AttestationError } from "../errors.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import { after, isPending, type MaybePromise } from "../maybe-promise.ts";
import type { ReplayUse } from "../replay/replay-cache.ts";
import { replayKey } from "../replay/replay-key.ts";
import type { MacProof } from "../tickets/mac-form.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import { withinDeadline } from "./deadline.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { SingleUse } from "./statement.ts";
import type { UseFacts } from "./use.ts";

/** A use of which it is known which of the verifier's names it is for. */
interface Addressed extends UseFacts {
  readonly audience: string;
}

/** What a use is remembered as: its identity, and its own times. */
interface Use {
  readonly identity: readonly string[];
  readonly issuedAt: number;
  /** The last second in which it can be accepted where clocks agree. */
  readonly acceptedUntil: number;
  /** When it can have been made at the earliest. */
  readonly madeAt: number;
  readonly holderKey?: string;
}

/** §6 step 8: the last of all checks, so that nobody without valid credentials can fill the cache (R5): this proof is new. */
export function consumeProof(
  facts: Addressed & { readonly proofClaims: ProofClaims; readonly holderKey: VerificationKey },
): MaybePromise<Refusal | undefined> {
  const { proofClaims, holderKey } = facts;
  return consumeProved(facts, "bound", proofClaims, holderKey.thumbprint);
}

function consumeProved(
  facts: Addressed,
  profile: "bound" | "mac",
  { iat, jti }: Pick<ProofClaims, "iat" | "jti">,
  holderKey: string,
): MaybePromise<Refusal | undefined> {
  return consume(facts, {
    identity: [profile, facts.statement.issuer.issuer, facts.audience, holderKey, jti],
    issuedAt: iat,
    acceptedUntil: iat + facts.configuration.proofWindow,
    madeAt: iat,
    // What sub-agents use counts as that of the agent who answers for them (R7).
    holderKey: facts.statement.delegation?.root.holderKey?.thumbprint ?? holderKey,
  });
}

/** §6 step 8 of a MAC proof (§19): the last of all checks, as of a signed one. */
export function consumeMac(
  facts: Addressed & { readonly macProof: MacProof; readonly holderKey: VerificationKey },
): MaybePromise<Refusal | undefined> {
  return consumeProved(facts, "mac", facts.macProof, facts.holderKey.thumbprint);
}

/** §6 step 6 of a bearer attestation: what it is used up as. */
export function takeBearerUse({
  issuer: { issuer },
  claims: { jti, iat },
}: {
  readonly issuer: ConfiguredIssuer;
  readonly claims: AttestationClaims;
}): { singleUse: SingleUse } {
  return { singleUse: { issuer, id: jti, issuedAt: iat, madeAt: iat + BACKDATE } };
}

/** §6 step 7 where the token alone was presented: it can be used up. */
export function takeSingleUse({ statement: { singleUse } }: UseFacts): Refusal | { singleUse: SingleUse } {
  return singleUse ? { singleUse } : refusal("ERR_INTERNAL", "The token's format does not say how it is used up");
}

/** §6 step 8 of a token without a proof, which is itself used up. */
export function consumeToken(facts: Addressed & { readonly singleUse: SingleUse }): MaybePromise<Refusal | undefined> {
  const {
    statement: { format, claims },
    audience,
    singleUse: { issuer, id, issuedAt, madeAt },
  } = facts;
  const identity = [format.name, issuer, audience, "", id];
  return consume(facts, { identity, issuedAt, acceptedUntil: claims.exp, madeAt });
}

function consume(facts: Addressed, use: Use): MaybePromise<Refusal | undefined> {
  return after(replayKey(use.identity), (key) => {
    try {
      const answer = facts.configuration.replayCache.consume(replayUseOf(facts, use, key));
      return isPending(answer) ? withinDeadline(answer).then(judge).catch(cacheUnavailable) : judge(answer);
    } catch (error) {
      return cacheUnavailable(error);
    }
  });
}

function replayUseOf({ configuration, now, statement, request }: Addressed, use: Use, key: string): ReplayUse {
  const { clockTolerance, nodeSkew } = configuration;
  const replayUse: Writable<ReplayUse> = {
    key,
    now,
    issuedAt: use.issuedAt,
    // The last instant at which any instance could still accept it, by its own times (R4, R14).
    expiresAt: use.acceptedUntil + clockTolerance + nodeSkew,
    clockTolerance,
    nodeSkew,
    holder: statement.agent,
  };
  // What came over HTTP may have been seen, and used, before this process existed (R17).
  if (request?.kind === "http" || request?.overHttp) replayUse.notBefore = use.madeAt;
  if (use.holderKey !== undefined) replayUse.holderKey = use.holderKey;
  return replayUse;
}

/** Exactly `true` and `false` are answers (R15). */
function judge(first: boolean): Refusal | undefined {
  if (first === true) return undefined;
  return first === false ? refusal("ERR_REPLAY", "This proof was already used") : cacheUnavailable(undefined);
}

function cacheUnavailable(error: unknown): Refusal {
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
