import { MAX_LINKS } from "../claims/attestation-kinds.ts";
import { REQUIRABLE_CLAIMS } from "../claims/requirable-claims.ts";
import { systemClock } from "../clock.ts";
import { optionError } from "../errors.ts";
import { OWN_FORMATS } from "../formats/registry.ts";
import { isJsonObject } from "../jose/is-json-object.ts";
import { widestOf } from "../jose/jws-limits.ts";
import { isSigningAlgorithm, SIGNING_ALGORITHMS, type SigningAlgorithm } from "../keys/algorithms.ts";
import { assertObserver } from "../observer.ts";
import { callable, flag, oneOf, refuseUnknownOptions, wholeNumber, wholeSeconds } from "../options.ts";
import { InMemoryReplayCache } from "../replay/in-memory-replay-cache.ts";
import type { ReplayCache } from "../replay/replay-cache.ts";
import { isClusterWorker } from "../trust/is-cluster-worker.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import { DEFAULT_CLOCK_TOLERANCE, DEFAULT_NODE_SKEW, DEFAULT_PROOF_WINDOW } from "../trust/verifier-defaults.ts";
import { VERIFIER_OPTIONS, type VerifierConfiguration, type VerifierOptions } from "../trust/verifier-options.ts";
import { isAbsoluteUri } from "../wire/absolute-uri.ts";
import { POLICIES } from "../wire/policy.ts";
import { configureIssuers } from "./configure-issuers.ts";
import { configureStatusSource } from "./configure-status.ts";
import { configureTickets } from "./configure-tickets.ts";
import { resolverOf } from "./keys-by-value.ts";

/**
 * Validates options and copies them.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configure(options: VerifierOptions): VerifierConfiguration {
  refuseUnknownOptions(options, VERIFIER_OPTIONS, "a verifier");
  const {
    policy = "required",
    requiredClaims = [],
    proofAlgorithms = SIGNING_ALGORITHMS,
    instances = "single",
    clockTolerance = DEFAULT_CLOCK_TOLERANCE,
    proofWindow = DEFAULT_PROOF_WINDOW,
    nodeSkew = DEFAULT_NODE_SKEW,
    maxCachedAttestations = 10_000,
    maxDelegationDepth = 0,
  } = options;
  const clock = callable("clock", options.clock) ?? systemClock;
  const { replayCache = new InMemoryReplayCache({ clock }) } = options;
  assertReplayCache(replayCache, oneOf("instances", instances, ["single", "multiple"]));
  assertObserver(options.observer);
  const issuers = configureIssuers(options.trustedIssuers, flag("allowBearer", options.allowBearer));
  const audiences = configureAudiences(options.audience);
  const formats = inOrderOfRecognition([...issuers.byName.values()].flatMap((issuer) => issuer.formats));
  return Object.freeze({
    issuers: issuers.byName,
    issuersByTrustDomain: issuers.byTrustDomain,
    formats: Object.freeze(formats),
    tokenLimits: widestOf(formats.map(({ limits }) => limits)),
    keyResolver: resolverOf(options, issuers.byName),
    audiences,
    policy: oneOf("policy", policy, POLICIES),
    allowMultipleAudiences: flag("allowMultipleAudiences", options.allowMultipleAudiences),
    requiredClaims: configureRequiredClaims(requiredClaims),
    proofAlgorithms: configureProofAlgorithms(proofAlgorithms),
    replayCache,
    clock,
    clockTolerance: wholeSeconds("clockTolerance", clockTolerance, 0, 300),
    proofWindow: wholeSeconds("proofWindow", proofWindow, 1, 300),
    nodeSkew: wholeSeconds("nodeSkew", nodeSkew, 1, 300),
    maxLifetime: configureMaxLifetime(options.maxLifetime, formats),
    maxCachedAttestations: wholeNumber("maxCachedAttestations", maxCachedAttestations, 1, 1_000_000),
    maxDelegationDepth: wholeNumber("maxDelegationDepth", maxDelegationDepth, 0, MAX_LINKS),
    isRevoked: callable("isRevoked", options.isRevoked)?.bind(options),
    statusSource: configureStatusSource(options, issuers.byName.values()),
    tickets: configureTickets(options, replayCache, audiences),
    observer: options.observer,
  });
}

/** Each format once. Foreign ones first: the typ of a SPIFFE JWT-SVID is that of a bearer attestation, and its claims tell it. */
function inOrderOfRecognition(formats: readonly TokenFormat[]): TokenFormat[] {
  const own: readonly TokenFormat[] = Object.values(OWN_FORMATS);
  const each = [...new Set(formats)];
  return [...each.filter((format) => !own.includes(format)), ...each.filter((format) => own.includes(format))];
}

function assertReplayCache(replayCache: ReplayCache, instances: "single" | "multiple"): void {
  if (typeof replayCache?.consume !== "function") throw optionError("replayCache", "must have a consume function");
  if (replayCache.scope === "shared") return;
  if (instances === "multiple") {
    throw optionError(
      "replayCache",
      "must be shared between the instances, or each accepts a replay once. Use RedisReplayCache of " +
        "@attest/cache-redis, or a cache of your own with the scope `shared`",
    );
  }
  if (isClusterWorker()) {
    throw optionError(
      "instances",
      "must be `multiple` in a worker of node:cluster, with a replay cache that all workers share, or each worker accepts " +
        "a replay once. Use RedisReplayCache of @attest/cache-redis",
    );
  }
}

function configureAudiences(audience: VerifierOptions["audience"]): readonly string[] {
  const audiences: readonly unknown[] = typeof audience === "string" ? [audience] : audience;
  if (!Array.isArray(audiences) || audiences.length === 0 || !audiences.every(isAbsoluteUri)) {
    const bare = [audience].flat().find((name) => typeof name === "string" && /^[\w.-]+(?:\/|$)/.test(name));
    const hint = bare === undefined ? "" : "; got a value without a scheme";
    throw optionError("audience", `must be an absolute URI such as https://bank.example/mcp, or a list of them${hint}`);
  }
  return Object.freeze([...audiences]);
}

function configureRequiredClaims(claims: readonly string[]): readonly string[] {
  if (!Array.isArray(claims)) throw optionError("requiredClaims", "must be a list of claims");
  const names: readonly string[] = Object.freeze([...claims]);
  const wrong = names.findIndex((name) => typeof name !== "string" || !Object.hasOwn(REQUIRABLE_CLAIMS, name));
  if (wrong !== -1) {
    const known = Object.keys(REQUIRABLE_CLAIMS).join(", ");
    throw optionError("requiredClaims", `must be among ${known}; got ${String(names[wrong])}`);
  }
  return names;
}

function configureProofAlgorithms(list: readonly SigningAlgorithm[]): readonly SigningAlgorithm[] {
  if (Array.isArray(list) && list.length > 0 && list.every(isSigningAlgorithm)) return Object.freeze([...list]);
  throw optionError("proofAlgorithms", `must be a list of ${SIGNING_ALGORITHMS.join(" or ")}`);
}

function configureMaxLifetime(
  maxLifetime: VerifierOptions["maxLifetime"] = {},
  enabled: readonly TokenFormat[],
): VerifierConfiguration["maxLifetime"] {
  const formats = new Map([...Object.values(OWN_FORMATS), ...enabled].map((format) => [format.name, format]));
  if (!isJsonObject(maxLifetime)) {
    throw optionError("maxLifetime", `must be an object of seconds, with ${[...formats.keys()].join(", ")}`);
  }
  refuseUnknownOptions(maxLifetime, Object.fromEntries([...formats.keys()].map((name) => [name, true])), "maxLifetime");
  const limits = [...formats].map(([name, { lifetime }]): [string, number] => [
    name,
    wholeSeconds(
      `maxLifetime.${name}`,
      maxLifetime[name] === undefined ? lifetime.usual : maxLifetime[name],
      1,
      lifetime.most,
    ),
  ]);
  return new Map(limits);
}
