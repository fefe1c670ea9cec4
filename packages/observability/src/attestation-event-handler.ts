import type {
  AttestationEvent,
  DemandEvent,
  GuardEvent,
  IssuanceEvent,
  KeyFetchEvent,
  KeyRotationEvent,
  KeySetEvent,
  Observer,
  ReplayCacheEvent,
  StatusListEvent,
  TicketEvent,
  VerificationEvent,
} from "@attest/core";

/** What a handler's methods may return. A promise is not waited for; a rejected one does no harm and is not reported. */
export type Handled = void | Promise<void>;

/**
 * An observer to subclass: override what is of interest, the rest does nothing. Each event reaches exactly one method.
 *
 * The methods run in line with the operation, so whatever takes long belongs into a queue. What they throw is swallowed.
 *
 * @example
 * ```ts
 * import type { VerificationEvent } from "@attest/core";
 * import { AttestationEventHandler } from "@attest/observability";
 *
 * declare const page: (text: string) => void;
 * class Pager extends AttestationEventHandler {
 *   override onReplayDetected(event: VerificationEvent) { page(`Replay at ${event.issuer}`); }
 * }
 * ```
 */
export abstract class AttestationEventHandler implements Observer {
  /** Hands each event to its method. Not to be overridden. */
  onEvent(event: AttestationEvent): Handled {
    switch (event.type) {
      case "verification":
        return this.#onVerification(event);
      case "issuance":
        return event.outcome === "issued" ? this.onIssued(event) : this.onIssueFailed(event);
      case "key-fetch":
        return event.outcome === "failed" ? this.onKeyFetchFailed(event) : this.onKeysFetched(event);
      case "key-set":
        return this.onKeySetChanged(event);
      case "status-list":
        return event.outcome === "failed" ? this.onStatusListFetchFailed(event) : this.onStatusListFetched(event);
      case "key-rotation":
        return this.onKeyRotated(event);
      case "replay-cache":
        return this.onReplayCacheChanged(event);
      case "guard":
        return event.enforced === false && event.code !== undefined ? this.onWouldRefuse(event) : this.onGuarded(event);
      case "demand":
        return this.onDemanded(event);
      case "ticket":
        return this.onTicket(event);
    }
  }

  #onVerification(event: VerificationEvent): Handled {
    switch (event.outcome) {
      case "verified":
        return this.onVerified(event);
      case "absent":
        return this.onAbsent(event);
      case "unassessed":
        return this.onUnassessed(event);
      case "refused":
        return event.code === "ERR_REPLAY" ? this.onReplayDetected(event) : this.onRefused(event);
    }
  }

  /** An agent was verified; `subject` says which. */
  onVerified(_event: VerificationEvent): Handled {}
  /** Nothing was presented, and the policy lets that pass. */
  onAbsent(_event: VerificationEvent): Handled {}
  /** Something was presented that this server cannot assess, and the policy lets that pass. `code` says why. */
  onUnassessed(_event: VerificationEvent): Handled {}
  /** Refused, for the reason in `code`. */
  onRefused(_event: VerificationEvent): Handled {}
  /** Refused because it was used before. Goes to `onRefused` unless overridden. */
  onReplayDetected(event: VerificationEvent): Handled {
    return this.onRefused(event);
  }
  /** The authority made an attestation. */
  onIssued(_event: IssuanceEvent): Handled {}
  /** The authority could not make one. */
  onIssueFailed(_event: IssuanceEvent): Handled {}
  /** An issuer's keys were fetched, or found unchanged. */
  onKeysFetched(_event: KeyFetchEvent): Handled {}
  /** An issuer's keys could not be fetched. */
  onKeyFetchFailed(_event: KeyFetchEvent): Handled {}
  /** The number of keys held of an issuer changed, or whether they are stale. */
  onKeySetChanged(_event: KeySetEvent): Handled {}
  /** A status list was fetched, or found unchanged. */
  onStatusListFetched(_event: StatusListEvent): Handled {}
  /** A status list could not be fetched. Once it is past its time, every agent of its issuer is refused as unavailable. */
  onStatusListFetchFailed(_event: StatusListEvent): Handled {}
  /** A key of the authority's own store changed its state. */
  onKeyRotated(_event: KeyRotationEvent): Handled {}
  /** The replay cache failed, recovered, lost what it remembered, or told its size. */
  onReplayCacheChanged(_event: ReplayCacheEvent): Handled {}
  /** A server's guard handed a message on, answered it itself, or dropped it. */
  onGuarded(_event: GuardEvent): Handled {}
  /**
   * A guard that only reports (`enforce: false`) let a message pass that it would have refused: `code` says why. Goes to
   * `onGuarded` unless overridden.
   */
  onWouldRefuse(event: GuardEvent): Handled {
    return this.onGuarded(event);
  }
  /** A handler's demand on the agent was met or refused. */
  onDemanded(_event: DemandEvent): Handled {}
  /** A ticket was granted or obtained, or a message sent once more with a signature because its MAC was refused. */
  onTicket(_event: TicketEvent): Handled {}
}
