import {
  AttestationVerifier,
  decodeBase64url,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  type Observer,
  type PublicJwk,
  type ReplayCache,
  type ReplayUse,
  type StatusSource,
  type TokenFormat,
  type TrustedIssuer,
  type VerificationRequest,
  type VerifierOptions,
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";
import type { Presentation, VectorVerifier } from "./vector.ts";

export interface JsonWebKeySet {
  readonly keys: readonly PublicJwk[];
}

/** When a replay cache was made unless a vector says so: a second after the epoch, so that no vector is before it. */
const LONG_AGO = 1;

const down = () => {
  throw new Error("unavailable");
};

/** A verifier as a vector describes it, new, on a clock that is set from outside. */
export async function verifierOf(
  {
    keys,
    revoked,
    statusLists,
    tickets,
    unavailable = [],
    unavailableIssuers = [],
    replayCapacity,
    replayCacheMadeAt = LONG_AGO,
    trustedIssuers,
    requiredClaims,
    maxLifetime,
    ...options
  }: VectorVerifier,
  clock: () => number,
  observer?: Observer,
  recorded?: (use: ReplayUse) => void,
): Promise<AttestationVerifier> {
  const keyResolver = new InMemoryKeyResolver();
  const issuers = trustedIssuers.map(({ formats: names, ...issuer }) =>
    names ? { ...issuer, formats: names.map(foreignFormat), keys: keys[issuer.issuer]?.keys } : issuer,
  );
  for (const { issuer } of issuers.filter((one) => !("formats" in one))) {
    for (const jwk of keys[issuer]?.keys ?? []) await keyResolver.addKey(issuer, jwk);
  }
  const replayCache = new InMemoryReplayCache({
    clock: () => replayCacheMadeAt,
    ...(replayCapacity !== undefined && { maxEntries: replayCapacity, maxShare: 1 }),
  });
  return new AttestationVerifier({
    ...options,
    trustedIssuers: issuers as unknown as [TrustedIssuer],
    requiredClaims,
    // The vectors have the profiles' names.
    ...(maxLifetime && { maxLifetime: lifetimesOf(maxLifetime) }),
    clock,
    ...(observer && { observer }),
    ...(tickets !== undefined && {
      tickets: tickets && { ring: tickets.ring.map((text) => decodeBase64url(text) as Uint8Array) },
    }),
    keyResolver: {
      resolve: (issuer, kid) =>
        unavailable.includes("keys") || unavailableIssuers.includes(issuer) ? down() : keyResolver.resolve(issuer, kid),
    },
    replayCache: unavailable.includes("replayCache")
      ? { scope: "process", consume: down }
      : recording(replayCache, recorded, tickets ? "shared" : "process"),
    ...(revoked && { isRevoked: ({ iss, jti }) => revoked.some((one) => one.iss === iss && one.jti === jti) }),
    ...(unavailable.includes("revocation") && { isRevoked: down }),
    ...(statusLists && { statusSource: statusesIn(statusLists) }),
  });
}

/** A replay cache that shows what it records, and may pass for a shared one, which a ring needs. */
function recording(
  replayCache: ReplayCache,
  recorded: ((use: ReplayUse) => void) | undefined,
  scope: ReplayCache["scope"],
): ReplayCache {
  return {
    scope,
    consume(use) {
      recorded?.(use);
      return replayCache.consume(use);
    },
  };
}

/** Statuses as a vector describes them. */
function statusesIn(lists: NonNullable<VectorVerifier["statusLists"]>): StatusSource {
  return {
    check(_issuer, { uri, idx }) {
      const list = lists[uri];
      if (!list || idx >= list.size) throw new Error("unavailable");
      return (list.statuses[idx] ?? 0) === 0 ? "valid" : "revoked";
    },
  };
}

function lifetimesOf({ bound, ...others }: VectorVerifier["maxLifetime"]): NonNullable<VerifierOptions["maxLifetime"]> {
  return { attestation: bound, ...others };
}

function foreignFormat(name: string): TokenFormat {
  const found = [spiffeJwtSvid, wimseWit].find((format) => format.name === name);
  if (!found) throw new Error(`No foreign format ${name}`);
  return found;
}

/** The request of a presentation as a verifier takes it. */
export function requestOf({
  request,
  proof,
  sessionId,
  accessToken,
  overHttp,
}: Presentation): VerificationRequest | undefined {
  if (request === undefined && proof === undefined) return undefined;
  const body = request?.kind === "http" && request.body !== undefined ? { body: decodeBase64url(request.body) } : {};
  return {
    ...request,
    ...body,
    ...(proof !== undefined && { proof }),
    ...(sessionId !== undefined && { sessionId }),
    ...(accessToken !== undefined && { accessToken }),
    ...(overHttp !== undefined && { overHttp }),
  } as VerificationRequest;
}

/** What a presentation must come to, as a verifier's result has it: what goes with a refusal is its advice. */
export function resultOf({ expected: { serverTime, ...expected } }: Presentation): object {
  return serverTime === undefined ? expected : { ...expected, advice: { serverTime } };
}
