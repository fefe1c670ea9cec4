import type { AttestationClaims } from "../claims/attestation-claims.ts";
import { MAX_LIFETIME, type Profile } from "../claims/profile.ts";
import { isTrustDomain } from "../claims/spiffe-id.ts";
import { type Clock, systemClock } from "../clock.ts";
import { optionError } from "../errors.ts";
import type { SigningAlgorithm } from "../keys/jwk.ts";
import type { KeyResolver } from "../keys/key-resolver.ts";
import { assertObserver, type Observer } from "../observer.ts";
import { refuseUnknownOptions } from "../options.ts";
import { InMemoryReplayCache } from "../replay/in-memory-replay-cache.ts";
import type { ReplayCache } from "../replay/replay-cache.ts";
import { isAbsoluteUri } from "../wire/absolute-uri.ts";
import { REQUIRABLE_CLAIMS } from "./checks/required-claims.ts";
import { isClusterWorker } from "./is-cluster-worker.ts";
import type { VerificationPolicy } from "./policy.ts";
import { DEFAULT_CLOCK_TOLERANCE, DEFAULT_NODE_SKEW, DEFAULT_PROOF_WINDOW } from "./verifier-defaults.ts";

/** An authority that a server believes, and how far. Every part of it is the server's own decision. */
export interface TrustedIssuer {
  /** Compared with `iss` byte for byte. */
  readonly issuer: string;
  /** What an agent that it attests is trusted as. */
  readonly trustLevel: "enterprise" | "provider";
  /** The SPIFFE trust domains it may speak for. No trust domain may be given to two issuers (T22). */
  readonly trustDomains: readonly [string, ...string[]];
  /** What it may sign with. Default `["Ed25519"]`. */
  readonly algorithms?: readonly SigningAlgorithm[];
}

/** What a verifier believes and demands. Validated and copied at construction. Durations are seconds. */
export interface VerifierOptions {
  /** The authorities that this server believes; attestations of all others are refused. */
  readonly trustedIssuers: readonly [TrustedIssuer, ...TrustedIssuer[]];
  /** Where their keys are found. */
  readonly keyResolver: KeyResolver;
  /** This server's resource identifier, an absolute URI; several if it is known by several. */
  readonly audience: string | readonly [string, ...string[]];
  /** Default `required`. */
  readonly policy?: VerificationPolicy;
  /** Accept 0.1.0 bearer attestations, which whoever holds a copy can present once. Default false. */
  readonly allowBearer?: boolean;
  /** Accept attestations made out to other audiences too, where each of them can present it at the others. Default false. */
  readonly allowMultipleAudiences?: boolean;
  /** Optional claims that must be there, by wire name, dotted for inner ones: `agent_integrity.config_hash`. */
  readonly requiredClaims?: readonly string[];
  /** What an agent may sign proofs with. Default `["Ed25519", "ES256"]`. */
  readonly proofAlgorithms?: readonly SigningAlgorithm[];
  /** Default: a new `InMemoryReplayCache` on this verifier's clock, for one process. */
  readonly replayCache?: ReplayCache;
  /**
   * `multiple`: several processes serve this audience, so the replay cache must be shared (R6). `single` is refused in a worker
   * of `node:cluster`, unless the cache is shared. Default `single`.
   */
  readonly instances?: "single" | "multiple";
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  /** How far a peer's clock may differ from this one. Default 30, at most 300. */
  readonly clockTolerance?: number;
  /** How old a proof may be. Default 60, at most 300. */
  readonly proofWindow?: number;
  /** How far the clocks of this server's own instances may differ. Default 5, from 1 to 300. */
  readonly nodeSkew?: number;
  /** Longest accepted `exp − iat`. Default and upper limit: bound 3600, bearer 900. */
  readonly maxLifetime?: { readonly bound?: number; readonly bearer?: number };
  /**
   * Bound attestations kept at most once a proof for them was accepted, so that later ones cost one signature and not two.
   * Each takes a few kilobytes. Default 10,000, from 1 to 1,000,000.
   */
  readonly maxCachedAttestations?: number;
  /**
   * Asked about every attestation, remembered ones too, as a method of these options. Anything but `true` or `false`, or
   * a throw, refuses as unavailable. Default: nothing is revoked.
   */
  isRevoked?(claims: AttestationClaims): boolean | Promise<boolean>;
  /** Told of every verification. Default: nobody. */
  readonly observer?: Observer;
}

/** The options with every default filled in: immutable, and the only configuration the checks read. */
export interface VerifierConfiguration {
  readonly issuers: ReadonlyMap<string, Required<TrustedIssuer>>;
  readonly keyResolver: KeyResolver;
  readonly audiences: readonly string[];
  readonly policy: VerificationPolicy;
  readonly allowBearer: boolean;
  readonly allowMultipleAudiences: boolean;
  readonly requiredClaims: readonly string[];
  readonly proofAlgorithms: readonly SigningAlgorithm[];
  readonly replayCache: ReplayCache;
  readonly clock: Clock;
  readonly clockTolerance: number;
  readonly proofWindow: number;
  readonly nodeSkew: number;
  readonly maxLifetime: Readonly<Record<Profile, number>>;
  readonly maxCachedAttestations: number;
  /** As given, bound to its options. */
  readonly isRevoked: VerifierOptions["isRevoked"];
  readonly observer: Observer | undefined;
}

const DEFAULT_ALGORITHMS: readonly SigningAlgorithm[] = ["Ed25519"];
const POLICIES: readonly string[] = ["required", "preferred", "optional"];
const ALGORITHMS: readonly string[] = ["Ed25519", "ES256"];
/** The name of every option of a verifier: for whoever takes them together with options of their own. */
export const VERIFIER_OPTIONS: readonly (keyof VerifierOptions)[] = Object.freeze([
  "trustedIssuers",
  "keyResolver",
  "audience",
  "policy",
  "allowBearer",
  "allowMultipleAudiences",
  "requiredClaims",
  "proofAlgorithms",
  "replayCache",
  "instances",
  "clock",
  "clockTolerance",
  "proofWindow",
  "nodeSkew",
  "maxLifetime",
  "maxCachedAttestations",
  "isRevoked",
  "observer",
]);
const ISSUER_MEMBERS: readonly (keyof TrustedIssuer)[] = ["issuer", "trustLevel", "trustDomains", "algorithms"];

/**
 * Validates options and copies them.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configure(options: VerifierOptions): VerifierConfiguration {
  refuseUnknownOptions(options, VERIFIER_OPTIONS, "a verifier");
  const {
    keyResolver,
    policy = "required",
    requiredClaims = [],
    proofAlgorithms = ["Ed25519", "ES256"],
    instances = "single",
    clockTolerance = DEFAULT_CLOCK_TOLERANCE,
    proofWindow = DEFAULT_PROOF_WINDOW,
    nodeSkew = DEFAULT_NODE_SKEW,
    maxCachedAttestations = 10_000,
  } = options;
  if (typeof keyResolver?.resolve !== "function") throw optionError("keyResolver", "must have a resolve function");
  if (!POLICIES.includes(policy)) throw optionError("policy", `must be one of ${POLICIES.join(", ")}`);
  const clock = callable("clock", options.clock) ?? systemClock;
  const { replayCache = new InMemoryReplayCache({ clock }) } = options;
  if (typeof replayCache?.consume !== "function") throw optionError("replayCache", "must have a consume function");
  if (instances !== "single" && instances !== "multiple") throw optionError("instances", "must be single or multiple");
  if (instances === "multiple" && replayCache.scope !== "shared") {
    throw optionError(
      "replayCache",
      "must be shared between the instances (scope `shared`), or each accepts a replay once: RedisReplayCache of " +
        "@attest/cache-redis is",
    );
  }
  if (instances === "single" && replayCache.scope !== "shared" && isClusterWorker()) {
    throw optionError(
      "instances",
      "must be `multiple` in a worker of node:cluster, with a replay cache that all workers share, or each worker accepts " +
        "a replay once: RedisReplayCache of @attest/cache-redis is",
    );
  }
  assertObserver(options.observer);
  const issuers = configureIssuers(options.trustedIssuers);
  const orphan = [...issuers.keys()].find((issuer) => keyResolver.issuers?.includes(issuer) === false);
  if (orphan !== undefined && keyResolver.issuers?.length) {
    throw optionError("keyResolver", `knows no keys of the trusted issuer ${orphan}`);
  }
  return Object.freeze({
    issuers,
    keyResolver,
    audiences: configureAudiences(options.audience),
    policy,
    allowBearer: flag("allowBearer", options.allowBearer),
    allowMultipleAudiences: flag("allowMultipleAudiences", options.allowMultipleAudiences),
    requiredClaims: configureRequiredClaims(requiredClaims),
    proofAlgorithms: algorithms("proofAlgorithms", proofAlgorithms),
    replayCache,
    clock,
    clockTolerance: seconds("clockTolerance", clockTolerance, 0, 300),
    proofWindow: seconds("proofWindow", proofWindow, 1, 300),
    nodeSkew: seconds("nodeSkew", nodeSkew, 1, 300),
    maxLifetime: configureMaxLifetime(options.maxLifetime),
    maxCachedAttestations: whole("maxCachedAttestations", maxCachedAttestations, 1, 1_000_000),
    isRevoked: callable("isRevoked", options.isRevoked)?.bind(options),
    observer: options.observer,
  });
}

function configureIssuers(trustedIssuers: readonly TrustedIssuer[]): Map<string, Required<TrustedIssuer>> {
  if (!Array.isArray(trustedIssuers) || trustedIssuers.length === 0) {
    throw optionError("trustedIssuers", "must list at least one issuer");
  }
  const issuers = new Map<string, Required<TrustedIssuer>>();
  const owners = new Map<string, string>();
  for (const trusted of trustedIssuers as TrustedIssuer[]) {
    if (typeof trusted !== "object" || trusted === null) throw optionError("trustedIssuers", "must each be an object");
    refuseUnknownOptions(trusted, ISSUER_MEMBERS, "a trusted issuer");
    const { issuer, trustLevel, trustDomains, algorithms: own = DEFAULT_ALGORITHMS } = trusted;
    if (typeof issuer !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(issuer)) {
      throw optionError("trustedIssuers", "each need an issuer of visible ASCII characters");
    }
    if (issuers.has(issuer)) throw optionError("trustedIssuers", `list ${issuer} twice`);
    if (trustLevel !== "enterprise" && trustLevel !== "provider") {
      throw optionError("trustedIssuers", `need a trustLevel of enterprise or provider for ${issuer}`);
    }
    if (!Array.isArray(trustDomains) || trustDomains.length === 0 || !trustDomains.every(isTrustDomain)) {
      throw optionError(
        "trustedIssuers",
        `need trustDomains for ${issuer}: the SPIFFE trust domains that its subjects may be in, such as ["example.com"]`,
      );
    }
    for (const domain of trustDomains) {
      if (owners.has(domain)) throw optionError("trustedIssuers", `give the trust domain ${domain} to two issuers`);
      owners.set(domain, issuer);
    }
    issuers.set(
      issuer,
      Object.freeze({
        issuer,
        trustLevel,
        trustDomains: Object.freeze([...trustDomains]) as TrustedIssuer["trustDomains"],
        algorithms: algorithms("trustedIssuers.algorithms", own),
      }),
    );
  }
  return issuers;
}

function configureAudiences(audience: VerifierOptions["audience"]): readonly string[] {
  const audiences: readonly unknown[] = typeof audience === "string" ? [audience] : audience;
  if (!Array.isArray(audiences) || audiences.length === 0 || !audiences.every(isAbsoluteUri)) {
    throw optionError("audience", "must be an absolute URI, or a list of them");
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

function configureMaxLifetime(maxLifetime: VerifierOptions["maxLifetime"] = {}): VerifierConfiguration["maxLifetime"] {
  if (typeof maxLifetime !== "object" || maxLifetime === null || Array.isArray(maxLifetime)) {
    throw optionError("maxLifetime", "must be an object with bound, bearer or both, in seconds");
  }
  refuseUnknownOptions(maxLifetime, ["bound", "bearer"], "maxLifetime");
  const { bound = MAX_LIFETIME.bound, bearer = MAX_LIFETIME.bearer } = maxLifetime;
  return Object.freeze({
    bound: seconds("maxLifetime.bound", bound, 1, MAX_LIFETIME.bound),
    bearer: seconds("maxLifetime.bearer", bearer, 1, MAX_LIFETIME.bearer),
  });
}

function algorithms(option: string, list: readonly SigningAlgorithm[]): readonly SigningAlgorithm[] {
  if (Array.isArray(list) && list.length > 0 && list.every((name) => ALGORITHMS.includes(name))) {
    return Object.freeze([...list]);
  }
  throw optionError(option, `must be a list of ${ALGORITHMS.join(" or ")}`);
}

function seconds(option: string, value: number, least: number, most: number): number {
  return whole(option, value, least, most, "whole seconds");
}

function whole(option: string, value: number, least: number, most: number, what = "a whole number"): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw optionError(option, `must be ${what} from ${least} to ${most}`);
}

function flag(option: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== "boolean") throw optionError(option, "must be true or false");
  return value ?? false;
}

function callable<F>(option: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== "function") throw optionError(option, "must be a function");
  return value;
}
