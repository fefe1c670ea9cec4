import type { AttestationEvent } from "@attest/core";

/** The members of events that may become labels: each has a closed set of values, its type's or what is configured, issuers and lists (O2). */
export type Member =
  | "action"
  | "carrier"
  | "code"
  | "enforced"
  | "format"
  | "issuer"
  | "outcome"
  | "policy"
  | "profile"
  | "proof"
  | "reason"
  | "remembered"
  | "state"
  | "trustLevel"
  | "uri";

/** What each is called: OpenTelemetry's general name where there is one, else a name of our own. */
const LABELS: Readonly<Record<Member, string>> = {
  action: "attestation.action",
  carrier: "attestation.carrier",
  code: "error.type",
  enforced: "attestation.enforced",
  format: "attestation.format",
  issuer: "attestation.issuer",
  outcome: "attestation.outcome",
  policy: "attestation.policy",
  profile: "attestation.profile",
  proof: "attestation.proof",
  reason: "attestation.reason",
  remembered: "attestation.remembered",
  state: "attestation.replay_cache.state",
  trustLevel: "attestation.trust_level",
  uri: "attestation.status_list.uri",
};

/** The values of an event's members that become labels; what does not apply is left out. */
export type Measured = Readonly<Partial<Record<Member, string | boolean>>>;

/** One metric, reported to OpenTelemetry by `name` and to Prometheus by the name that the OpenTelemetry rules make of it. */
export interface Instrument {
  readonly name: string;
  readonly kind: "counter" | "histogram" | "gauge";
  /** UCUM: `s`, or what is counted, in braces. */
  readonly unit: string;
  readonly description: string;
  /** The members of the event that become labels. */
  readonly labels: readonly Member[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  /** Series that begin at 0, so that an alert sees the first event too. */
  readonly zeros?: readonly Measured[];
}

export type InstrumentId =
  | "verifications"
  | "verificationDuration"
  | "replays"
  | "messages"
  | "demands"
  | "tickets"
  | "issuances"
  | "issuanceDuration"
  | "keyFetches"
  | "keyFetchDuration"
  | "keySourceUp"
  | "keys"
  | "keysStale"
  | "keyChanges"
  | "statusListFetches"
  | "statusListUp"
  | "statusListFetchedAt"
  | "statusListExpiresAt"
  | "statusListStale"
  | "replayCacheFailures"
  | "replayCacheChanges"
  | "replayCacheEntries";

/** From a signature alone, about 0.1 ms, to a verification that waited for keys. */
const VERIFICATION_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10];
/** From a key in memory to a key service in another region. */
const ISSUANCE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** The bounds that OpenTelemetry's HTTP conventions give. */
const FETCH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Every metric of this package. */
export const INSTRUMENTS: Readonly<Record<InstrumentId, Instrument>> = {
  verifications: {
    name: "attestation.verifications",
    kind: "counter",
    unit: "{verification}",
    description: "Verifications ended",
    labels: ["outcome", "reason", "code", "policy", "format", "profile", "proof", "trustLevel", "issuer"],
  },
  verificationDuration: {
    name: "attestation.verification.duration",
    kind: "histogram",
    unit: "s",
    description: "Duration of verifications",
    labels: ["outcome", "format", "profile", "proof", "remembered"],
    buckets: VERIFICATION_SECONDS,
  },
  replays: {
    name: "attestation.replays",
    kind: "counter",
    unit: "{replay}",
    description: "Attestations and proofs refused because they were used before",
    labels: ["format", "profile"],
    zeros: [
      { format: "attestation", profile: "bound" },
      { format: "bearer", profile: "bearer" },
    ],
  },
  messages: {
    name: "attestation.guard.messages",
    kind: "counter",
    unit: "{message}",
    description: "Messages that a guard decided about",
    labels: ["action", "enforced", "carrier", "reason", "code", "issuer"],
  },
  demands: {
    name: "attestation.demands",
    kind: "counter",
    unit: "{demand}",
    description: "Demands of handlers on the agent that calls them",
    labels: ["outcome", "reason", "code", "issuer"],
  },
  tickets: {
    name: "attestation.tickets",
    kind: "counter",
    unit: "{ticket}",
    description:
      "Tickets that a server granted or an agent obtained, and messages that an agent sent once more with a signature",
    labels: ["action", "reason", "issuer"],
  },
  issuances: {
    name: "attestation.issuances",
    kind: "counter",
    unit: "{attestation}",
    description: "Attestations asked of the authority",
    labels: ["outcome", "code", "format", "profile", "issuer"],
  },
  issuanceDuration: {
    name: "attestation.issuance.duration",
    kind: "histogram",
    unit: "s",
    description: "Duration of making an attestation",
    labels: ["outcome", "format", "profile"],
    buckets: ISSUANCE_SECONDS,
  },
  keyFetches: {
    name: "attestation.jwks.fetches",
    kind: "counter",
    unit: "{fetch}",
    description: "Attempts to fetch an issuer's keys",
    labels: ["outcome", "code", "issuer"],
  },
  keyFetchDuration: {
    name: "attestation.jwks.fetch.duration",
    kind: "histogram",
    unit: "s",
    description: "Duration of attempts to fetch an issuer's keys",
    labels: ["outcome", "issuer"],
    buckets: FETCH_SECONDS,
  },
  keySourceUp: {
    name: "attestation.jwks.source.up",
    kind: "gauge",
    unit: "{source}",
    description: "1 if the last attempt to fetch the issuer's keys succeeded, 0 if it failed",
    labels: ["issuer"],
  },
  keys: {
    name: "attestation.jwks.keys",
    kind: "gauge",
    unit: "{key}",
    description: "Keys held of an issuer",
    labels: ["issuer"],
  },
  keysStale: {
    name: "attestation.jwks.stale",
    kind: "gauge",
    unit: "{source}",
    description: "1 if the issuer's keys are served past their time because their source fails, else 0",
    labels: ["issuer"],
  },
  keyChanges: {
    name: "attestation.key.changes",
    kind: "counter",
    unit: "{change}",
    description: "Changes of the authority's own keys",
    labels: ["action"],
  },
  statusListFetches: {
    name: "attestation.status_list.fetches",
    kind: "counter",
    unit: "{fetch}",
    description: "Attempts to fetch a status list",
    labels: ["outcome", "issuer", "uri"],
  },
  statusListUp: {
    name: "attestation.status_list.up",
    kind: "gauge",
    unit: "{source}",
    description: "1 if the last attempt to fetch the status list succeeded, 0 if it failed",
    labels: ["issuer", "uri"],
  },
  statusListFetchedAt: {
    // Times, not durations: OpenTelemetry gives gauges no unit in their names.
    name: "attestation.status_list.fetched_timestamp_seconds",
    kind: "gauge",
    unit: "{second}",
    description: "When the status list was fetched or confirmed last, in Unix seconds: its age is the time since",
    labels: ["issuer", "uri"],
  },
  statusListExpiresAt: {
    name: "attestation.status_list.expires_timestamp_seconds",
    kind: "gauge",
    unit: "{second}",
    description: "When the status list that is served expires, in Unix seconds",
    labels: ["issuer", "uri"],
  },
  statusListStale: {
    name: "attestation.status_list.stale",
    kind: "gauge",
    unit: "{source}",
    description: "1 if the status list is served past its time because it cannot be fetched, else 0",
    labels: ["issuer", "uri"],
  },
  replayCacheFailures: {
    name: "attestation.replay_cache.failures",
    kind: "counter",
    unit: "{failure}",
    description: "Uses refused because the replay cache could not tell whether they were the first",
    labels: ["code"],
    zeros: [{ code: "ERR_REPLAY_CACHE_UNAVAILABLE" }, { code: "ERR_REPLAY_CACHE_FULL" }, { code: "ERR_REPLAY_EXPIRY" }],
  },
  replayCacheChanges: {
    name: "attestation.replay_cache.changes",
    kind: "counter",
    unit: "{change}",
    description: "Failures, recoveries and losses of memory that the replay cache reported",
    labels: ["state"],
    zeros: [{ state: "failed" }, { state: "recovered" }, { state: "state-lost" }],
  },
  replayCacheEntries: {
    name: "attestation.replay_cache.entries",
    kind: "gauge",
    unit: "{use}",
    description: "Uses that the replay cache remembers",
    labels: [],
  },
};

/** The metrics with their identifiers. */
export const INSTRUMENT_LIST: readonly (readonly [InstrumentId, Instrument])[] = Object.entries(INSTRUMENTS) as [
  InstrumentId,
  Instrument,
][];

/** Makes a function that takes the labels out of an event: `members`, each under the name that `spell` makes of its label. */
export function createLabeller(
  members: readonly Member[],
  spell: (label: string) => string = (label) => label,
): (event: AttestationEvent | Measured) => Record<string, string> {
  const named = members.map((member) => [member, spell(LABELS[member])] as const);
  return (event) => {
    const labels: Record<string, string> = {};
    for (const [member, name] of named) {
      const value = (event as Measured)[member];
      if (value !== undefined) labels[name] = String(value);
    }
    return labels;
  };
}
