import { createAgreement, importMacKey, toBase64url } from "#crypto";
import type { Agreement, MacKey } from "../crypto/platform.ts";
import { macHead } from "./mac-input.ts";
import { readTicketGrant, type TicketGrant } from "./ticket-grant.ts";
import { ticketKey } from "./ticket-key.ts";

/** A ticket as its agent holds it. It shows no key. */
export interface Ticket {
  /** The ticket as the server granted it; sealed, so that only the server can read it. */
  readonly text: string;
  /** The first two lines of every MAC under it. */
  readonly head: string;
  /** The key of its MACs, which server and agent agreed on. */
  readonly key: MacKey;
  /** Seconds for which it is granted, from when it was asked for. */
  readonly expiresIn: number;
}

/** What a ticket was asked with. */
export interface AskedWith {
  /** The proof that carried `epk`, as it was sent. */
  readonly proof: string;
  /** The server's resource identifier: `audience` of that proof. */
  readonly audience: string;
  /** RFC 7638 thumbprint of the key that signed the proof. */
  readonly thumbprint: string;
}

/**
 * One request of an agent for a ticket: make one, sign a proof with its `epk` as `ticketKey` of `createProof`, and give it the
 * server's grant. Use each for one proof only, and `end` it when no grant is awaited any more: that erases its private half.
 */
export class TicketAsk {
  /** For the proof: an X25519 public key of this ask alone. */
  readonly epk: string;
  #own: Agreement | undefined;

  private constructor(own: Agreement) {
    this.#own = own;
    this.epk = toBase64url(own.publicKey);
  }

  /** Begins one. Rejects on platforms without X25519. */
  static async begin(): Promise<TicketAsk> {
    return new TicketAsk(await createAgreement());
  }

  /**
   * Takes a grant, once.
   *
   * @returns `undefined` if it is malformed, its key is of small order, or the ask has ended: then no ticket was granted.
   */
  async complete(grant: unknown, { proof, audience, thumbprint }: AskedWith): Promise<Ticket | undefined> {
    const own = this.#own;
    this.end();
    const read: TicketGrant | undefined = readTicketGrant(grant);
    if (!own || !read) return undefined;
    const { ticket: text, epk, expires_in: expiresIn } = read;
    const agreement = { proof, audience, thumbprint, agentKey: this.epk, serverKey: epk };
    const bytes = await ticketKey(own, epk, agreement);
    if (!bytes) return undefined;
    const [key, head] = await Promise.all([importMacKey(bytes), macHead(text)]);
    bytes.fill(0);
    return Object.freeze({ text, head, key, expiresIn });
  }

  /** Erases the private half. */
  end(): void {
    this.#own = undefined;
  }
}
