import { digest } from "#crypto";
import { LONG_IDENTIFIER } from "../claims/claim-reader.ts";
import { type Clock, readClock, systemClock } from "../clock.ts";
import { optionError } from "../errors.ts";
import { messageDigest, type ProofRequest } from "../jose/digest.ts";
import { writeMacProof } from "../tickets/mac-form.ts";
import { macInput } from "../tickets/mac-input.ts";
import type { Ticket } from "../tickets/ticket-ask.ts";

/** What a MAC proof is made of. */
export interface MacProofOptions {
  /** The attestation as received: of the key that asked for the ticket. */
  readonly attestation: string;
  /** The ticket that this server granted to the key of `attestation`, not expired. */
  readonly ticket: Ticket;
  /** The server's resource identifier: the one that the ticket was asked for. */
  readonly audience: string;
  /** What is proved. A message must be sent exactly as it is given here. */
  readonly request: ProofRequest;
  /** The credential of the request's `Bearer` or `DPoP` `Authorization` header, if it has one. */
  readonly accessToken?: string;
  /** The request's `Mcp-Session-Id` header, if it has one. */
  readonly sessionId?: string;
  /** Unix seconds, for `iat`. Default: the machine's. */
  readonly clock?: Clock;
}

const NOTHING = new Uint8Array();

/** The attestation that was hashed last: an agent proves many messages by one. */
let hashed: { readonly attestation?: string; readonly hash: string } = { hash: "" };

/**
 * Makes a proof for one message or one HTTP request by a MAC under a ticket's key, instead of a signature (SPEC §19). It is valid for one use:
 * make a new one for every attempt. It proves to the server that granted the ticket who sent the message, and nothing to anybody else.
 *
 * @throws AttestationError `ERR_OPTION` if the message has no canonical form or the request cannot be covered; `ERR_CLOCK` if the clock
 * returns an invalid time.
 */
export async function createMacProof(options: MacProofOptions): Promise<string> {
  const { attestation, ticket, audience, request, accessToken, sessionId, clock = systemClock } = options;
  if (request.kind === "http" && !LONG_IDENTIFIER.test(request.method)) {
    throw optionError("request.method", "must be that of an HTTP request");
  }
  if (sessionId !== undefined && !LONG_IDENTIFIER.test(sessionId)) {
    throw optionError("sessionId", "must be 1–2048 visible ASCII characters, or left out where the request names none");
  }
  const iat = readClock(clock);
  const covered = request.kind === "http" ? digest(request.body ?? NOTHING) : messageDigest(request);
  const content = typeof covered === "string" ? covered : await covered;
  if (content === undefined) {
    throw optionError("request", "must be plain JSON with an object as params or result, at most 64 levels deep");
  }
  let { hash } = hashed;
  if (hashed.attestation !== attestation) {
    hash = await digest(attestation);
    hashed = { attestation, hash };
  }
  const jti = crypto.randomUUID();
  const input = macInput(ticket.head, {
    attHash: hash,
    audience,
    iat,
    jti,
    request,
    digest: content,
    sessionId,
    ath: accessToken === undefined ? undefined : await digest(accessToken),
  });
  const mac = ticket.key.mac(input);
  return writeMacProof({
    ticket: ticket.text,
    iat,
    jti,
    digest: content,
    mac: typeof mac === "string" ? mac : await mac,
  });
}
