import type { Presented, Statement } from "../checks/statement.ts";
import type { UseFacts } from "../checks/use.ts";
import type { AttestationErrorCode } from "../errors.ts";
import type { VerificationEvent, VerificationFacts } from "../events.ts";
import type { CompactJws } from "../jose/strict-jws.ts";
import type { MacProof } from "../tickets/mac-form.ts";
import type { OpenedTicket } from "../tickets/tickets.ts";
import { profileOf } from "../trust/profile.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import type { VerificationPolicy } from "../wire/policy.ts";
import { delegatedTo } from "./delegated-to.ts";
import type { VerificationResult } from "./result.ts";

/** What a verification has found so far. Its checks add to the facts, so that a refused one can be reported on. */
export interface Seen {
  /** Absent where there was nothing to assess. */
  token?: Presented & { readonly jws?: CompactJws; readonly format?: TokenFormat; readonly issuer?: ConfiguredIssuer };
  /** What was remembered of the token. */
  known?: Statement;
  /** Absent where the token did not stand. */
  use?: UseFacts & { readonly proof?: CompactJws; readonly macProof?: MacProof; readonly ticket?: OpenedTicket };
}

/** The event of one verification. */
export function verificationEvent(
  result: VerificationResult,
  policy: VerificationPolicy,
  seen: Seen,
  duration: number,
): VerificationEvent {
  const { format, issuer } = seen.known ?? seen.token ?? {};
  return {
    type: "verification",
    outcome: result.outcome,
    policy,
    trustLevel: result.trustLevel,
    ...(format && { format: format.name, profile: profileOf(format) }),
    ...(seen.use && { proof: seen.use.proofKind }),
    ...(issuer && { issuer: issuer.issuer }),
    ...("code" in result && { reason: result.reason, code: result.code }),
    ...(result.verified && { subject: result.subject }),
    ...(result.verified && result.keyThumbprint !== undefined && { keyThumbprint: result.keyThumbprint }),
    ...(result.verified && result.delegation && { delegation: delegatedTo(result.delegation) }),
    ...(result.verified && result.toolDigest !== undefined && { toolDigest: result.toolDigest }),
    ...(result.verified && result.layers[1] && { nestedIssuer: result.layers[1].issuer }),
    ...(seen.token && { facts: factsOf(seen, seen.token, "code" in result ? result.code : undefined) }),
    remembered: seen.known !== undefined,
    duration,
  };
}

/** Characters of a fact, at most. */
const MAX_FACT = 256;

/** What the peer wrote, as far as it was read; times are those of the proof where that is what did not hold. */
function factsOf(
  { known, use }: Seen,
  token: Presented & Seen["token"],
  code?: AttestationErrorCode,
): VerificationFacts {
  const { jws, now }: NonNullable<Seen["token"]> = token;
  const attestation = (known?.claims ?? jws?.payload) as Readonly<Record<string, unknown>> | undefined;
  const proof: Readonly<Record<string, unknown>> | undefined = use?.macProof
    ? { iat: use.macProof.iat, aud: use.ticket?.audience }
    : use?.proof?.payload;
  const ofProof =
    use?.statement.format.proof === "signature" && code !== undefined && /^ERR_(PROOF|REPLAY|TICKET)/.test(code);
  const judged = ofProof ? proof : attestation;
  const kid = words(known?.kid ?? jws?.header.kid);
  const audience = words(proof?.["aud"]) ?? words(attestation?.["aud"]);
  const issuedAt = time(judged?.["iat"]);
  const expiresAt = time(judged?.["exp"]);
  // Written without spreads: this is made for every message.
  const facts = {} as VerificationFacts;
  if (kid !== undefined) facts.kid = kid;
  if (audience !== undefined) facts.audience = audience;
  if (issuedAt !== undefined) facts.issuedAt = issuedAt;
  if (expiresAt !== undefined) facts.expiresAt = expiresAt;
  facts.now = now;
  return facts;
}

function words(value: unknown): string | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((word) => typeof word === "string" && /^[\x20-\x7e]+$/.test(word))) return undefined;
  const text = list.join(" ");
  return text.length <= MAX_FACT ? text : `${text.slice(0, MAX_FACT - 1)}…`;
}

function time(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
