import {
  CAPABILITY,
  isReason,
  META_STATUS,
  META_TICKET_GRANT,
  MISSING_EXTENSION,
  type Reason,
  readTicketField,
  trustLevelOfStatus,
} from "@attest/core";
import type { Answer } from "./answer.ts";
import { objectOf } from "./envelope.ts";

/** What came back by whatever wire. */
export interface Received {
  readonly message?: Record<string, unknown> | undefined;
  readonly text: string;
  readonly status?: number;
  /** The fields `Agent-Attestation-Error`, `-Status` and `-Ticket`. */
  readonly errorField?: string | undefined;
  readonly statusField?: string | undefined;
  readonly ticketField?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** Makes an answer of what came back. */
export function readAnswer(received: Received): Answer {
  const { message, text, status, errorField, statusField, sessionId } = received;
  const error = message && "error" in message ? objectOf(message["error"]) : undefined;
  const reason = reasonIn(error, errorField);
  const verified = verifiedBy(message, statusField, status !== undefined);
  const trustLevel = trustLevelIn(message, statusField);
  const grant = grantIn(message, received.ticketField);
  // A tool that failed says so within a result; it was not served, and why is not told to machines.
  const failed = objectOf(message?.["result"])["isError"] === true;
  const refused = error !== undefined || failed || (status !== undefined && status >= 300);
  const number = error?.["code"];
  return {
    outcome: refused ? "refused" : "served",
    text,
    ...(status !== undefined && { status }),
    ...(reason !== undefined && { reason }),
    ...(typeof number === "number" && { errorNumber: number }),
    ...(verified !== undefined && { verified }),
    ...(trustLevel !== undefined && { trustLevel }),
    ...(grant !== undefined && { grant }),
    ...(sessionId !== undefined && { sessionId }),
    ...(message && { message }),
  };
}

function reasonIn(error: Record<string, unknown> | undefined, field: string | undefined): Reason | undefined {
  const told = objectOf(error?.["data"])["reason"] ?? field;
  if (isReason(told)) return told;
  return error?.["code"] === MISSING_EXTENSION ? "attestation_required" : undefined;
}

/** Whether the server says that it verified the agent, in whichever place it says so. */
function verifiedBy(
  message: Record<string, unknown> | undefined,
  field: string | undefined,
  http: boolean,
): boolean | undefined {
  if (field !== undefined) return field.startsWith("verified");
  const told = toldIn(message, "verification_status");
  if (told !== undefined) return told === "verified";
  // Over HTTP what is verified is marked as such in a field, so that its absence says something next to one that was there.
  return http && message?.["result"] !== undefined ? false : undefined;
}

/** What a result says of the agent, in the places of both eras. */
function toldIn(message: Record<string, unknown> | undefined, member: string): unknown {
  const result = objectOf(message?.["result"]);
  const experimental = objectOf(objectOf(result["capabilities"])["experimental"]);
  return [experimental[CAPABILITY], objectOf(result["_meta"])[META_STATUS]]
    .map((place) => objectOf(place)[member])
    .find((value) => value !== undefined);
}

function trustLevelIn(message: Record<string, unknown> | undefined, field: string | undefined): string | undefined {
  const told = trustLevelOfStatus(field ?? null) ?? toldIn(message, "trust_level");
  return typeof told === "string" ? told : undefined;
}

function grantIn(message: Record<string, unknown> | undefined, field: string | undefined): unknown {
  return readTicketField(field ?? null) ?? objectOf(objectOf(message?.["result"])["_meta"])[META_TICKET_GRANT];
}
