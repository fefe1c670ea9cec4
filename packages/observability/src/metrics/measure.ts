import type { AttestationEvent, StatusListEvent, VerificationEvent } from "@attest/core";
import { INSTRUMENTS, type InstrumentId } from "./instruments.ts";

/** Where measurements go: adds to a counter, records in a histogram, sets a gauge, labelled by the event. */
export type Sinks = Readonly<Record<InstrumentId, (value: number, event: AttestationEvent) => void>>;

/** Codes of uses that the replay cache could not decide. */
const CACHE_FAILURES = new Set(INSTRUMENTS.replayCacheFailures.zeros?.map(({ code }) => code));

/** Takes the measurements of one event. */
export function measure(event: AttestationEvent, sinks: Sinks): void {
  switch (event.type) {
    case "verification":
      measureVerification(event, sinks);
      return;
    case "guard":
      sinks.messages(1, event);
      return;
    case "demand":
      sinks.demands(1, event);
      return;
    case "ticket":
      sinks.tickets(1, event);
      return;
    case "issuance":
      sinks.issuances(1, event);
      sinks.issuanceDuration(event.duration, event);
      return;
    case "key-fetch":
      sinks.keyFetches(1, event);
      sinks.keyFetchDuration(event.duration, event);
      sinks.keySourceUp(event.outcome === "failed" ? 0 : 1, event);
      return;
    case "key-set":
      sinks.keys(event.keys, event);
      sinks.keysStale(event.stale ? 1 : 0, event);
      return;
    case "status-list":
      measureStatusList(event, sinks);
      return;
    case "key-rotation":
      sinks.keyChanges(1, event);
      return;
    case "replay-cache":
      if (event.state !== "size") sinks.replayCacheChanges(1, event);
      else if (event.entries !== undefined) sinks.replayCacheEntries(event.entries, event);
      return;
  }
}

function measureStatusList(event: StatusListEvent, sinks: Sinks): void {
  sinks.statusListFetches(1, event);
  sinks.statusListUp(event.outcome === "failed" ? 0 : 1, event);
  if (event.outcome !== "failed") sinks.statusListFetchedAt(event.at, event);
  if (event.served) sinks.statusListExpiresAt(event.served.expiresAt, event);
  sinks.statusListStale(event.stale ? 1 : 0, event);
}

function measureVerification(event: VerificationEvent, sinks: Sinks): void {
  sinks.verifications(1, event);
  sinks.verificationDuration(event.duration, event);
  if (event.code === "ERR_REPLAY") sinks.replays(1, event);
  else if (CACHE_FAILURES.has(event.code)) sinks.replayCacheFailures(1, event);
}
