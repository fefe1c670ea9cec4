import type { AttestationEvent, VerificationEvent } from "@attest/core";
import { INSTRUMENTS, type InstrumentId, type Labels } from "./instruments.ts";

/** Where measurements go: adds to a counter, records in a histogram, sets a gauge. */
export type Record = (instrument: InstrumentId, value: number, labels: Labels) => void;

/** Codes of uses that the replay cache could not decide, as the metric names them. */
const CACHE_FAILURES: ReadonlySet<string> = new Set(
  INSTRUMENTS.replayCacheFailures.zeros.map((labels) => labels["error.type"]),
);

/**
 * Takes the measurements of one event. Nothing of an event becomes a label but what has a closed set of values: never
 * `subject`, `keyThumbprint`, `kid` or `method` (O2).
 */
export function measure(event: AttestationEvent, record: Record): void {
  switch (event.type) {
    case "verification":
      measureVerification(event, record);
      return;
    case "guard":
      record("messages", 1, {
        "attestation.action": event.action,
        "attestation.carrier": event.carrier,
        ...failure(event),
        ...issuer(event),
      });
      return;
    case "demand":
      record("demands", 1, { "attestation.outcome": event.outcome, ...failure(event), ...issuer(event) });
      return;
    case "issuance": {
      const labels = { "attestation.outcome": event.outcome, "attestation.profile": event.profile };
      record("issuances", 1, { ...labels, ...failure(event), ...issuer(event) });
      record("issuanceDuration", event.duration, labels);
      return;
    }
    case "key-fetch": {
      const labels = { "attestation.outcome": event.outcome, ...issuer(event) };
      record("keyFetches", 1, { ...labels, ...failure(event) });
      record("keyFetchDuration", event.duration, labels);
      record("keySourceUp", event.outcome === "failed" ? 0 : 1, issuer(event));
      return;
    }
    case "key-set":
      record("keys", event.keys, issuer(event));
      record("keysStale", event.stale ? 1 : 0, issuer(event));
      return;
    case "key-rotation":
      record("keyRotations", 1, { "attestation.action": event.action });
      return;
    case "replay-cache":
      if (event.state !== "size") record("replayCacheChanges", 1, { "attestation.replay_cache.state": event.state });
      else if (event.entries !== undefined) record("replayCacheEntries", event.entries, {});
      return;
  }
}

function measureVerification(event: VerificationEvent, record: Record): void {
  const { outcome, policy, trustLevel, code, remembered, duration } = event;
  const profile = event.profile !== undefined ? { "attestation.profile": event.profile } : {};
  record("verifications", 1, {
    "attestation.outcome": outcome,
    "attestation.policy": policy,
    "attestation.trust_level": trustLevel,
    ...profile,
    ...failure(event),
    ...issuer(event),
  });
  record("verificationDuration", duration, {
    "attestation.outcome": outcome,
    "attestation.remembered": String(remembered),
    ...profile,
  });
  if (code === "ERR_REPLAY") record("replays", 1, profile);
  else if (code !== undefined && CACHE_FAILURES.has(code)) record("replayCacheFailures", 1, { "error.type": code });
}

function failure({ reason, code }: { reason?: string; code?: string }): Labels {
  return {
    ...(reason !== undefined && { "attestation.reason": reason }),
    ...(code !== undefined && { "error.type": code }),
  };
}

/** Events name an issuer only if it is configured. */
function issuer({ issuer }: { issuer?: string }): Labels {
  return issuer !== undefined ? { "attestation.issuer": issuer } : {};
}
