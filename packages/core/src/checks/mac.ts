import { digest } from "#crypto";
import { LONG_IDENTIFIER } from "../claims/claim-reader.ts";
import { messageDigest } from "../jose/digest.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import { type MacProof, readMacProof } from "../tickets/mac-form.ts";
import { macInput } from "../tickets/mac-input.ts";
import { sameText } from "../tickets/same-text.ts";
import type { OpenedTicket } from "../tickets/tickets.ts";
import { notAttesting } from "./audience.ts";
import { checkMadeJustNow } from "./proof.ts";
import { type Refusal, refusal, shown } from "./refusal.ts";
import { audiencesOf, type UseFacts, type VerificationRequest } from "./use.ts";

/** A use of which the MAC proof was read. */
interface Shown extends UseFacts {
  readonly macProof: MacProof;
}

/** A use of which the ticket was opened. */
interface Ticketed extends Shown {
  readonly ticket: OpenedTicket;
}

const NOTHING = new Uint8Array();

/** §19, form: the proof is a MAC proof, exactly. */
export function readMac({ request }: UseFacts): Refusal | { macProof: MacProof } {
  const macProof = readMacProof(String(request?.proof));
  if (macProof === "SIZE") return refusal("ERR_PROOF_SIZE", "The MAC proof is longer than allowed");
  return macProof === "FORMAT" ? refusal("ERR_PROOF_FORMAT", "The MAC proof is not of its form") : { macProof };
}

/** §19, form: what the MAC covers of the request can stand in a line of its input. */
export function checkMacRequest({ request }: UseFacts): Refusal | { proved: VerificationRequest } {
  if (request?.kind === undefined) return refusal("ERR_PROOF_REQUEST", "A proof can only be verified for a message");
  if (request.kind === "http" && !LONG_IDENTIFIER.test(request.method)) {
    return refusal("ERR_PROOF_METHOD", "The HTTP method is not 1–2048 characters of visible ASCII");
  }
  if (request.sessionId !== undefined && !LONG_IDENTIFIER.test(request.sessionId)) {
    return refusal("ERR_PROOF_SESSION", "The session's id is not 1–2048 characters of visible ASCII");
  }
  return { proved: request };
}

/** §19: this server's ring sealed the ticket (C1). */
export function openTicket({ macProof, configuration }: Shown): MaybePromise<Refusal | { ticket: OpenedTicket }> {
  const { tickets } = configuration;
  if (!tickets) return refusal("ERR_TICKETS_OFF", "This server grants no tickets");
  return after(tickets.open(macProof.ticket), (ticket) =>
    ticket ? { ticket } : refusal("ERR_TICKET_UNKNOWN", "No secret of this server's ticket ring sealed the ticket"),
  );
}

/** §19: the ticket has not expired. */
export function checkTicketTime({ ticket, macProof, configuration, now }: Ticketed): Refusal | undefined {
  if (now < ticket.expiresAt) return undefined;
  configuration.tickets?.forget(macProof.ticket);
  return refusal("ERR_TICKET_EXPIRED", `The ticket expired ${now - ticket.expiresAt} s ago`);
}

/** §19, M5: the ticket is for this server, and for an audience of the attestation where that names any. */
export function checkTicketAudience(facts: Ticketed): Refusal | { audience: string } {
  const { ticket, statement, request, configuration } = facts;
  const { audience } = ticket;
  if (audience === undefined || !audiencesOf(facts).includes(audience)) {
    const names = shown(request?.audience ?? configuration.audiences);
    return refusal("ERR_TICKET_AUDIENCE", `The ticket is for another audience; this server is ${names} (audience)`);
  }
  if (!notAttesting(statement, audience)) return { audience };
  return refusal("ERR_TICKET_AUDIENCE", "The attestation is not issued for the audience of the ticket");
}

/** §19: the ticket is for the key in the attestation. */
export function checkTicketHolder({
  ticket,
  holderKey,
}: Ticketed & { readonly holderKey: VerificationKey }): Refusal | undefined {
  if (ticket.holder === holderKey.thumbprint) return undefined;
  return refusal("ERR_TICKET_HOLDER", "The ticket was granted to another key");
}

/** §19, T19: the proof was made just now. */
export function checkMacTime(facts: Shown): Refusal | undefined {
  return checkMadeJustNow(facts.macProof.iat, facts);
}

/** §19: the MAC holds, over everything that a proof covers (C4). Compared in a time that does not depend on where it differs. */
export function checkMac(
  facts: Ticketed & { readonly audience: string; readonly proved: VerificationRequest },
): MaybePromise<Refusal | undefined> {
  const { ticket, macProof, audience, proved: request, tokenHash: attHash, configuration } = facts;
  const { iat, jti, digest: claimed, mac } = macProof;
  if (attHash === undefined) return refusal("ERR_PROOF_ATTESTATION", "The proof is for another attestation");
  const { sessionId, accessToken } = request;
  const hash = accessToken === undefined ? undefined : digest(accessToken);
  return after(hash, (ath) => {
    const input = { attHash, audience, iat, jti, request, digest: claimed, sessionId, ath };
    return after(ticket.key.mac(macInput(ticket.head, input)), (expected) => {
      if (!sameText(expected, mac)) return refusal("ERR_TICKET_MAC", "The MAC is not that of the ticket's key");
      configuration.tickets?.remember(macProof.ticket, ticket);
      return undefined;
    });
  });
}

/** §19, C5: the message is the one whose digest the MAC covers. Only who holds the key has it computed. */
export function checkMacDigest({
  macProof,
  proved,
}: Shown & { readonly proved: VerificationRequest }): MaybePromise<Refusal | undefined> {
  const actual = proved.kind === "http" ? digest(proved.body ?? NOTHING) : messageDigest(proved);
  return after(actual, (text) =>
    text === macProof.digest ? undefined : refusal("ERR_PROOF_DIGEST", "The proof is for another message"),
  );
}

/** §19: a signature is not demanded for this message. */
export function checkSignatureDemand({ proved }: { readonly proved: VerificationRequest }): Refusal | undefined {
  if (proved.signature !== true) return undefined;
  return refusal("ERR_SIGNATURE_REQUIRED", "This message needs a signed proof, and came with a MAC");
}
