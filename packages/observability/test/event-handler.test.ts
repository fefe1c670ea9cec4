import type { AttestationEvent, GuardEvent } from "@attest/core";
import { AttestationEventHandler } from "@attest/observability";
import { expect, it } from "vitest";
import { EVENTS } from "./events.ts";

class Recorder extends AttestationEventHandler {
  readonly calls: [method: string, event: AttestationEvent][] = [];
}
const METHODS = [
  "onVerified",
  "onAbsent",
  "onUnassessed",
  "onRefused",
  "onReplayDetected",
  "onIssued",
  "onIssueFailed",
  "onKeysFetched",
  "onKeyFetchFailed",
  "onKeySetChanged",
  "onStatusListFetched",
  "onStatusListFetchFailed",
  "onKeyRotated",
  "onReplayCacheChanged",
  "onGuarded",
  "onWouldRefuse",
  "onDemanded",
  "onTicket",
] as const;
for (const method of METHODS) {
  Recorder.prototype[method] = function (this: Recorder, event: AttestationEvent) {
    this.calls.push([method, event]);
  };
}

it("hands every event to exactly one method, and each method its kind", () => {
  const recorder = new Recorder();
  for (const event of EVENTS) recorder.onEvent(event);
  expect(recorder.calls.map(([, event]) => event)).toEqual(EVENTS);
  expect(new Set(recorder.calls.map(([method]) => method))).toEqual(new Set(METHODS));
  const told = (wanted: string) => recorder.calls.filter(([method]) => method === wanted).map(([, event]) => event);
  const outcomes = (method: string) => told(method).map((event) => "outcome" in event && event.outcome);
  expect(outcomes("onVerified")).toEqual(["verified", "verified", "verified"]);
  expect(outcomes("onAbsent")).toEqual(["absent"]);
  expect(outcomes("onUnassessed")).toEqual(["unassessed"]);
  expect(told("onReplayDetected")).toEqual([expect.objectContaining({ code: "ERR_REPLAY" })]);
  expect(told("onWouldRefuse")).toEqual([expect.objectContaining({ enforced: false, code: "ERR_PROOF_DIGEST" })]);
  expect(outcomes("onIssued")).toEqual(["issued"]);
  expect(outcomes("onKeyFetchFailed")).toEqual(["failed"]);
  expect(outcomes("onStatusListFetched")).toEqual(["fetched", "not-modified"]);
  expect(outcomes("onStatusListFetchFailed")).toEqual(["failed"]);
});

it("takes what would have been refused for any guarded message unless told otherwise", () => {
  const guarded: unknown[] = [];
  class Log extends AttestationEventHandler {
    override onGuarded(event: GuardEvent) {
      guarded.push(event);
    }
  }
  const log = new Log();
  for (const event of EVENTS) log.onEvent(event);
  expect(guarded).toEqual(EVENTS.filter(({ type }) => type === "guard"));
});

it("takes a replay for a refusal unless told otherwise, and leaves what nobody overrides alone", () => {
  const refused: unknown[] = [];
  class Log extends AttestationEventHandler {
    override onRefused(event: AttestationEvent) {
      refused.push("code" in event && event.code);
    }
  }
  const log = new Log();
  for (const event of EVENTS) expect(log.onEvent(event)).toBeUndefined();
  expect(refused).toEqual(["ERR_REPLAY", "ERR_REPLAY_CACHE_UNAVAILABLE", "ERR_TICKET_UNKNOWN"]);
});
