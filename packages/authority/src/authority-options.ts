import {
  assertObserver,
  type Clock,
  InMemoryReplayCache,
  type Observer,
  type OptionNames,
  optionError,
  type ReplayCache,
  refuseUnknownOptions,
  type Signer,
  systemClock,
} from "@attest/core";
import type { EvidenceVerifier } from "./evidence/evidence.ts";
import { type AuthorityKeyStore, publishedKeys } from "./keys/published-keys.ts";
import type { AuthorityRecord } from "./record.ts";
import { configureRules, type Rules } from "./rules/configure-rules.ts";
import type { Rule } from "./rules/rule.ts";
import { type AuthorityStatusList, assertStatusList } from "./status/authority-status-list.ts";

/** What an authority is made of. Validated and copied at construction. Durations are seconds. */
export interface AuthorityOptions {
  /** The authority's name: `iss` of its attestations, 1–2048 visible ASCII characters. */
  readonly issuer: string;
  /**
   * Where clients reach it: `https://authority.example`, without `/attestations`. Several, if clients know it by several
   * addresses, 8 at most. A client signs the address that it has configured, and only these are accepted.
   */
  readonly publicUrl: string | readonly string[];
  /** One key that signs: a KMS, say. Either this or `keyStore`. */
  readonly signer?: Signer;
  /** Keys that rotate: `RotatingKeyStore`. */
  readonly keyStore?: AuthorityKeyStore;
  /** What workloads can show, by names that rules refer to. */
  readonly evidence: Readonly<Record<string, EvidenceVerifier>>;
  /** Who is admitted by which evidence, and what is attested of it. */
  readonly rules: readonly Rule[];
  /**
   * Secrets that authenticate challenges, of at least 32 random bytes each, the same on every replica. The first makes
   * challenges, all are accepted, so that they can be changed one replica after the other. Default: a new one, for one
   * process. Required with a shared replay cache.
   */
  readonly secrets?: readonly Uint8Array[];
  /** Remembers which challenges and evidence were used. Default: in memory, for one process. Several need a shared one. */
  readonly replayCache?: ReplayCache;
  /**
   * Gives every attested key an index, so that it can be revoked. Of the same issuer; it is published at the path of its `uri`.
   * A workload is revoked by the name `<evidence>/<subject>`, so that evidence must be named without a slash.
   * Default: attestations have no status, and live until they expire.
   */
  readonly statusList?: AuthorityStatusList;
  /** Requests a minute. IPv6 addresses count by /64. */
  readonly limits?: {
    /** Of one workload. Default 120: an attestation takes two. */
    readonly perWorkload?: number;
    /** Refused evidence of one address that is answered as such. Default 30. */
    readonly perAddress?: number;
  };
  /** How long attestations live where the rule does not say. From 30 to 3600, default 300. */
  readonly tokenLifetime?: number;
  /**
   * Accept proofs of possession that name no authority (form 1), for clients that know no other. An authority that such a
   * client asks can have its key attested here. Default false.
   */
  readonly acceptPossession1?: boolean;
  /**
   * Writes down what was issued and refused. An attestation is handed out only after this has resolved: if it rejects, the
   * caller is answered `unavailable`. Default: nobody is notified.
   */
  readonly record?: (entry: AuthorityRecord) => void | Promise<void>;
  /** Notified of failures that are the authority's own. Default: nobody. */
  readonly report?: (error: unknown) => void;
  /** Notified of each attestation that is asked for, issued or not. Default: nobody. */
  readonly observer?: Observer;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

const OPTIONS: OptionNames<AuthorityOptions> = {
  issuer: true,
  publicUrl: true,
  signer: true,
  keyStore: true,
  evidence: true,
  rules: true,
  secrets: true,
  replayCache: true,
  statusList: true,
  limits: true,
  tokenLifetime: true,
  acceptPossession1: true,
  record: true,
  report: true,
  observer: true,
  clock: true,
};

/** Options validated and copied, defaults filled in. */
export interface AuthorityConfiguration {
  readonly issuer: string;
  /** Each ends with a slash. */
  readonly bases: readonly URL[];
  readonly keyStore: AuthorityKeyStore;
  readonly evidence: Readonly<Record<string, EvidenceVerifier>>;
  readonly rules: Rules;
  readonly secrets: readonly Uint8Array[];
  /** Whether the secrets can be known to another process, or be those of an earlier one. */
  readonly sharedSecrets: boolean;
  readonly replayCache: ReplayCache;
  readonly statusList: AuthorityStatusList | undefined;
  readonly limits: { readonly perWorkload: number; readonly perAddress: number };
  readonly tokenLifetime: number;
  readonly acceptPossession1: boolean;
  readonly record: (entry: AuthorityRecord) => void | Promise<void>;
  readonly report: (error: unknown) => void;
  readonly observer: Observer | undefined;
  readonly clock: Clock;
}

/** @throws AttestationError `ERR_OPTION`, naming the option. */
export function configureAuthority(options: AuthorityOptions): AuthorityConfiguration {
  refuseUnknownOptions(options, OPTIONS, "an authority");
  const { issuer, signer, keyStore, evidence, replayCache, limits = {}, secrets, observer } = options;
  const { tokenLifetime = 300, acceptPossession1 = false, record = () => {}, report = () => {} } = options;
  const { clock = systemClock } = options;
  for (const [name, value] of Object.entries({ record, report, clock })) {
    if (typeof value !== "function") throw optionError(name, "must be a function");
  }
  if (typeof acceptPossession1 !== "boolean") throw optionError("acceptPossession1", "must be true or false");
  if ((signer === undefined) === (keyStore === undefined)) {
    throw optionError("keyStore", "or signer must be given, and not both");
  }
  if (typeof evidence !== "object" || evidence === null || Object.keys(evidence).length === 0) {
    throw optionError("evidence", "must name at least one kind of evidence");
  }
  if (Object.values(evidence).some((verifier) => typeof verifier?.verify !== "function")) {
    throw optionError("evidence", "must have verifiers as its members");
  }
  if (replayCache?.scope === "shared" && secrets === undefined) {
    throw optionError("secrets", "must be given with a shared replay cache: replicas answer each other's challenges");
  }
  refuseUnknownOptions(limits, { perWorkload: true, perAddress: true }, "limits");
  assertObserver(observer);
  const bases = basesOf(options.publicUrl);
  const { statusList } = options;
  const rules = configureRules(options.rules, evidence);
  if (statusList) assertStatusList(statusList, { issuer, bases, evidence, rules, tokenLifetime });
  return Object.freeze({
    issuer,
    bases,
    keyStore: keyStore ?? publishedKeys(signer as Signer),
    evidence: { ...evidence },
    rules,
    secrets: secrets?.map((secret) => Uint8Array.from(secret)) ?? [crypto.getRandomValues(new Uint8Array(32))],
    sharedSecrets: secrets !== undefined,
    replayCache: replayCache ?? new InMemoryReplayCache({ clock }),
    statusList,
    limits: {
      perWorkload: whole("limits.perWorkload", limits.perWorkload ?? 120, 1, 1_000_000),
      perAddress: whole("limits.perAddress", limits.perAddress ?? 30, 1, 1_000_000),
    },
    tokenLifetime: whole("tokenLifetime", tokenLifetime, 30, 3600),
    acceptPossession1,
    record,
    report,
    observer,
    clock,
  });
}

function basesOf(publicUrl: string | readonly string[]): readonly URL[] {
  const texts = [publicUrl].flat() as string[];
  if (texts.length < 1 || texts.length > 8) throw optionError("publicUrl", "must be one to eight addresses");
  return texts.map((text) => {
    const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
    const isPlain = url && url.username === "" && url.password === "" && url.hash === "" && url.search === "";
    if (!url || !/^https?:$/.test(url.protocol) || !isPlain) {
      throw optionError("publicUrl", "must be an absolute https: or http: URL without credentials, query and fragment");
    }
    // A client's address is compared as text: what `URL` would rewrite is never what a client signs.
    if (url.href !== text && url.href !== `${text}/`)
      throw optionError("publicUrl", `must be written as clients sign it: ${url.href}`);
    if (url.pathname.endsWith("/attestations"))
      throw optionError("publicUrl", "must be the address without /attestations");
    if (!url.pathname.endsWith("/")) url.pathname += "/";
    return url;
  });
}

function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw optionError(option, `must be a whole number from ${least} to ${most}`);
}
