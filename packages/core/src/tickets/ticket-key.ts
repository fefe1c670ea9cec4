import { hkdf, sha256 } from "#crypto";
import type { Agreement } from "../crypto/platform.ts";
import { NAMESPACE } from "../wire/names.ts";
import { readAgreementKey } from "./agreement-key.ts";

/** What a ticket's key is derived from. Agent and server derive it alike. */
export interface TicketAgreement {
  /** The signed proof that asked, as it was sent. */
  readonly proof: string;
  readonly audience: string;
  /** RFC 7638 thumbprint of the key that signed the proof. */
  readonly thumbprint: string;
  /** The agent's public key, in the proof's `ticket_epk`. */
  readonly agentKey: string;
  /** The server's public key, in its grant. */
  readonly serverKey: string;
}

/** Sets the key apart from everything else that could be derived from the same secret. */
const PURPOSE = `${NAMESPACE}/ticket-key/1`;

/**
 * The key that one signed proof agreed, 32 bytes: for MAC proofs from agent to server, and for nothing else, ever.
 *
 * The salt, the hash of the whole signed proof, is what prevents an unknown key share (C3): the key depends on a text that only the
 * holder of the attested key can sign, so nobody gets another agent to use a key that the server takes for his own.
 *
 * @param own This side's pair. @param peer The public key of the other, as received.
 * @returns `undefined` if the peer's key is malformed or of small order: then both sides' secret is all zero, and no secret.
 */
export async function ticketKey(
  own: Agreement,
  peer: unknown,
  agreement: TicketAgreement,
): Promise<Uint8Array | undefined> {
  const peerKey = readAgreementKey(peer);
  const shared = peerKey && (await own.agree(peerKey));
  if (!shared || shared.every((byte) => byte === 0)) return undefined;
  const { proof, audience, thumbprint, agentKey, serverKey } = agreement;
  const info = [PURPOSE, audience, thumbprint, agentKey, serverKey].join("\n");
  return hkdf(shared, await sha256(proof), info, 32);
}
