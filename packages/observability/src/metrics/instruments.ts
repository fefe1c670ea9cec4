/** What a label may be called. Every one has a closed set of values: its type's, or the configured issuers (O2). */
export type Label =
  | "attestation.action"
  | "attestation.carrier"
  | "attestation.issuer"
  | "attestation.outcome"
  | "attestation.policy"
  | "attestation.profile"
  | "attestation.reason"
  | "attestation.remembered"
  | "attestation.replay_cache.state"
  | "attestation.trust_level"
  /** OpenTelemetry's general name for what went wrong: here the precise local code. */
  | "error.type";

/** One series' labels. What does not apply is left out. */
export type Labels = Readonly<Partial<Record<Label, string>>>;

/** One metric, told to OpenTelemetry by `name` and to Prometheus by the name that the OpenTelemetry rules make of it. */
export interface Instrument {
  readonly name: string;
  readonly kind: "counter" | "histogram" | "gauge";
  /** UCUM: `s`, or what is counted, in braces. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  /** Series that begin at 0, so that an alert sees the first event too. */
  readonly zeros?: readonly Labels[];
}

/** From a signature alone, about 0.1 ms, to a verification that waited for keys. */
const VERIFICATION_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10];
/** From a key in memory to a key service in another region. */
const ISSUANCE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** The bounds that OpenTelemetry's HTTP conventions give. */
const FETCH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Every metric of this package. */
export const INSTRUMENTS = {
  verifications: {
    name: "attestation.verifications",
    kind: "counter",
    unit: "{verification}",
    description: "Verifications ended",
    labels: [
      "attestation.outcome",
      "attestation.reason",
      "error.type",
      "attestation.policy",
      "attestation.profile",
      "attestation.trust_level",
      "attestation.issuer",
    ],
  },
  verificationDuration: {
    name: "attestation.verification.duration",
    kind: "histogram",
    unit: "s",
    description: "Duration of verifications",
    labels: ["attestation.outcome", "attestation.profile", "attestation.remembered"],
    buckets: VERIFICATION_SECONDS,
  },
  replays: {
    name: "attestation.replays",
    kind: "counter",
    unit: "{replay}",
    description: "Attestations and proofs refused because they were used before",
    labels: ["attestation.profile"],
    zeros: [{ "attestation.profile": "bound" }, { "attestation.profile": "bearer" }],
  },
  messages: {
    name: "attestation.guard.messages",
    kind: "counter",
    unit: "{message}",
    description: "Messages that a guard decided about",
    labels: ["attestation.action", "attestation.carrier", "attestation.reason", "error.type", "attestation.issuer"],
  },
  demands: {
    name: "attestation.demands",
    kind: "counter",
    unit: "{demand}",
    description: "Demands of handlers on the agent that calls them",
    labels: ["attestation.outcome", "attestation.reason", "error.type", "attestation.issuer"],
  },
  issuances: {
    name: "attestation.issuances",
    kind: "counter",
    unit: "{attestation}",
    description: "Attestations asked of the authority",
    labels: ["attestation.outcome", "error.type", "attestation.profile", "attestation.issuer"],
  },
  issuanceDuration: {
    name: "attestation.issuance.duration",
    kind: "histogram",
    unit: "s",
    description: "Duration of making an attestation",
    labels: ["attestation.outcome", "attestation.profile"],
    buckets: ISSUANCE_SECONDS,
  },
  keyFetches: {
    name: "attestation.jwks.fetches",
    kind: "counter",
    unit: "{fetch}",
    description: "Attempts to fetch an issuer's keys",
    labels: ["attestation.outcome", "error.type", "attestation.issuer"],
  },
  keyFetchDuration: {
    name: "attestation.jwks.fetch.duration",
    kind: "histogram",
    unit: "s",
    description: "Duration of attempts to fetch an issuer's keys",
    labels: ["attestation.outcome", "attestation.issuer"],
    buckets: FETCH_SECONDS,
  },
  keySourceUp: {
    name: "attestation.jwks.source.up",
    kind: "gauge",
    unit: "{source}",
    description: "1 if the last attempt to fetch the issuer's keys succeeded, 0 if it failed",
    labels: ["attestation.issuer"],
  },
  keys: {
    name: "attestation.jwks.keys",
    kind: "gauge",
    unit: "{key}",
    description: "Keys held of an issuer",
    labels: ["attestation.issuer"],
  },
  keysStale: {
    name: "attestation.jwks.stale",
    kind: "gauge",
    unit: "{source}",
    description: "1 if the issuer's keys are served past their time because their source fails, else 0",
    labels: ["attestation.issuer"],
  },
  keyRotations: {
    name: "attestation.key.changes",
    kind: "counter",
    unit: "{change}",
    description: "Changes of the authority's own keys",
    labels: ["attestation.action"],
  },
  replayCacheFailures: {
    name: "attestation.replay_cache.failures",
    kind: "counter",
    unit: "{failure}",
    description: "Uses refused because the replay cache could not tell whether they were the first",
    labels: ["error.type"],
    zeros: [
      { "error.type": "ERR_REPLAY_CACHE_UNAVAILABLE" },
      { "error.type": "ERR_REPLAY_CACHE_FULL" },
      { "error.type": "ERR_REPLAY_EXPIRY" },
    ],
  },
  replayCacheChanges: {
    name: "attestation.replay_cache.changes",
    kind: "counter",
    unit: "{change}",
    description: "Failures, recoveries and losses of memory that the replay cache told of",
    labels: ["attestation.replay_cache.state"],
    zeros: [
      { "attestation.replay_cache.state": "failed" },
      { "attestation.replay_cache.state": "recovered" },
      { "attestation.replay_cache.state": "state-lost" },
    ],
  },
  replayCacheEntries: {
    name: "attestation.replay_cache.entries",
    kind: "gauge",
    unit: "{use}",
    description: "Uses that the replay cache remembers",
    labels: [],
  },
} as const satisfies Record<string, Instrument>;

export type InstrumentId = keyof typeof INSTRUMENTS;

/** The metrics with their identifiers, typed alike. */
export const INSTRUMENT_LIST: readonly (readonly [InstrumentId, Instrument])[] = Object.entries(INSTRUMENTS) as [
  InstrumentId,
  Instrument,
][];
