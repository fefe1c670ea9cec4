import type { AttestationErrorCode, ProofKind, Reason, TicketEvent } from "@attest/core";
import type { FeedEntry } from "../shared/feed.ts";
import { reasonInWords, shortIssuer, shortSubject } from "./words.ts";

/** One line of the activity list. */
export interface Line {
  readonly id: number;
  readonly at: number;
  readonly source: string;
  readonly kind: "allowed" | "refused" | "attack" | "keys" | "ticket" | "agent";
  readonly text: string;
  /** What bound the message to its attestation, where something was verified. */
  readonly proof?: ProofKind;
  readonly reason?: Reason;
  readonly code?: AttestationErrorCode;
}

const ROTATION = {
  published: "published its next key, so that everybody can learn it before it is used",
  activated: "signs with a new key from now on",
  retired: "no longer signs with its old key; what that key signed stays good for its short life",
  removed: "removed a key that nothing depends on any more",
} as const;

/** What one event says in the activity list; `undefined` for events that are shown elsewhere or not at all. */
export function lineOf({ id, at, source, event }: FeedEntry): Line | undefined {
  const line = (
    kind: Line["kind"],
    text: string,
    more: { proof?: ProofKind; reason?: Reason; code?: AttestationErrorCode } = {},
  ): Line => {
    const { proof, reason, code } = more;
    return { id, at, source, kind, text, ...(proof && { proof }), ...(reason && { reason }), ...(code && { code }) };
  };
  switch (event.type) {
    case "call": {
      const who = event.subject === undefined ? "Somebody unverified" : callerOf(event.subject, event.delegation);
      if (event.outcome === "served") return line("allowed", `${who} used ${event.tool}`, event);
      if (event.outcome === "failed") return line("agent", `${event.tool} failed for ${who}`, event);
      return line("refused", `${who} may not use ${event.tool}${because(event.reason)}`, event);
    }
    case "attempt":
      return line("refused", `${event.name} may not use ${event.tool}${because(event.reason)}`, event);
    case "verification":
      if (event.outcome !== "refused") return undefined;
      if (event.reason === "attestation_ticket_refused") {
        return line("ticket", "The bank refused a ticket, and wants the request signed", event);
      }
      return line("refused", `Turned away at the door: ${reasonInWords(event.reason ?? "attestation_invalid")}`, event);
    case "ticket":
      return line("ticket", ticketInWords(event, source), event);
    case "attack":
      if (event.phase === "launched") return line("attack", `Attack launched: ${event.name}`);
      return line("attack", `Attack ${event.phase}: ${event.name}`, event);
    case "key-rotation":
      return line("keys", `The authority ${ROTATION[event.action]}`);
    case "key-fetch":
      if (event.outcome !== "fetched") return undefined;
      return line("keys", "The bank fetched the authority's published keys");
    case "issuance":
      return event.outcome === "issued" ? line("keys", "The authority attested an agent's key") : undefined;
    case "revocation": {
      const who = event.by === "authority" ? "Its authority" : "The bank";
      const did = event.action === "revoked" ? "revoked" : "lets back in";
      return line("keys", `${who} ${did} ${event.name}`);
    }
    case "status-list":
      return event.outcome === "fetched" ? line("keys", "The bank fetched a list of what was revoked") : undefined;
    case "agent":
      if (event.state === "verified") return line("agent", `${event.name} is verified`);
      return event.state === "away" ? line("agent", `${event.name} disconnected`) : undefined;
    default:
      return undefined;
  }
}

function because(reason: Reason | undefined): string {
  return reason === undefined ? "" : `: ${reasonInWords(reason)}`;
}

/** Who called: the attested agent, or its sub-agents from the nearest to the one that did. */
function callerOf(subject: string, delegation: readonly { readonly name?: string }[] | undefined): string {
  return [shortSubject(subject), ...(delegation ?? []).map(({ name }) => name ?? "a sub-agent")].join(" → ");
}

function ticketInWords({ action, issuer, reason }: TicketEvent, source: string): string {
  switch (action) {
    case "granted": {
      const to = issuer === undefined ? "an agent" : `an agent of ${shortIssuer(issuer)}`;
      return `The bank granted ${to} a ticket: MACs will do in the place of signatures for a while`;
    }
    case "obtained":
      return `${source} holds a ticket: a MAC costs it a small part of a signature`;
    case "fallback":
      return `${source} sends the request once more, signed${because(reason)}`;
  }
}
