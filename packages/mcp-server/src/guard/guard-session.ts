import type { AttestationContext, AttestationErrorCode } from "@attest/core";
import type { Finding } from "./exchange.ts";

/** How long the identity of a bearer attestation serves the session it opened, in seconds. */
const BEARER_SESSION = 3600;

type Owner =
  | {
      /** Proves each message by its key. */
      readonly shows: "proofs";
      readonly issuer: string;
      readonly subject: string;
      readonly keyThumbprint: string | undefined;
    }
  | {
      /** Presented a token once, at `initialize`. */
      readonly shows: "nothing";
      readonly context: AttestationContext;
      readonly until: number;
    }
  | {
      /** Known to somebody else, who recognises a message's sender. */
      readonly shows: "elsewhere";
      isOwner(finding: Finding): boolean;
    }
  | "nobody";

/** Whether a message is the owner's: what is known about its sender, or why it is refused. */
export type OwnerVerdict = { readonly finding: Finding } | { readonly code: AttestationErrorCode };

/**
 * Who opened a session of the handshake era (SPEC §4): fixed at `initialize`, and demanded of everything after (M1, M7).
 * One per connection, or per `Mcp-Session-Id`.
 */
export class GuardSession {
  #owner: Owner | undefined;
  /** Settles when the last `initialize` that came has been decided about; `undefined` when none is under way. */
  #opening: Promise<void> | undefined;
  /** What the client called itself at `initialize`: for events. */
  client: string | undefined;
  /** The version of MCP that the answer to `initialize` named: for observers. */
  protocolVersion: string | undefined;

  /**
   * A session that was opened elsewhere, such as by another replica of a gateway.
   *
   * @param isOwner Whether a message is the owner's. It is also asked about messages of agents that were not verified.
   */
  static openedElsewhere(isOwner: (finding: Finding) => boolean): GuardSession {
    const session = new GuardSession();
    session.#owner = { shows: "elsewhere", isOwner };
    return session;
  }

  /** Whether an `initialize` has fixed the owner. */
  get isOpen(): boolean {
    return this.#owner !== undefined;
  }

  /** Whether the owner is an agent that was verified. */
  get isOwned(): boolean {
    return this.#owner !== undefined && this.#owner !== "nobody";
  }

  /**
   * Decides about a message once the owner of the session is known. A message that overtakes the verification of an
   * `initialize` would find no owner, or become it.
   */
  inTurn<T>(initialize: boolean, decide: () => Promise<T>): Promise<T> {
    const decided = this.#opening ? this.#opening.then(decide) : decide();
    if (initialize && !this.isOpen) {
      const settle = () => {
        if (this.#opening === opening) this.#opening = undefined;
      };
      const opening: Promise<void> = decided.then(settle, settle);
      this.#opening = opening;
    }
    return decided;
  }

  /** The bearer identity that serves a message which presents nothing, or the code of its end. `undefined` in other sessions. */
  bearerFor(now: number): OwnerVerdict | undefined {
    const owner = this.#owner;
    if (owner === undefined || owner === "nobody" || owner.shows !== "nothing") return undefined;
    return now < owner.until ? { finding: owner.context } : { code: "ERR_SESSION_EXPIRED" };
  }

  /** Fixes the owner, at the first `initialize`. */
  open(finding: Finding, now: number): void {
    if (!finding.verified) this.#owner = "nobody";
    else if (finding.proof === "none") {
      this.#owner = { shows: "nothing", context: finding, until: now + BEARER_SESSION };
    } else {
      const { issuer, subject, keyThumbprint } = finding;
      this.#owner = { shows: "proofs", issuer, subject, keyThumbprint };
    }
  }

  /** Whether a message is the owner's. A session that was not opened accepts every agent. */
  judge(finding: Finding): OwnerVerdict {
    const owner = this.#owner;
    if (owner === undefined) return { finding };
    if (!finding.verified) {
      return isOwner(owner, finding) ? { finding } : { code: "ERR_ATTESTATION_REQUIRED" };
    }
    return isOwner(owner, finding) ? { finding } : { code: "ERR_SESSION_OWNER" };
  }
}

function isOwner(owner: Owner, finding: Finding): boolean {
  if (owner === "nobody") return !finding.verified;
  if (owner.shows === "elsewhere") return owner.isOwner(finding);
  if (!finding.verified) return false;
  if (owner.shows === "nothing") return owner.context === finding;
  return (
    owner.issuer === finding.issuer &&
    owner.subject === finding.subject &&
    owner.keyThumbprint === finding.keyThumbprint
  );
}
