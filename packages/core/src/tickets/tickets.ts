import { createAgreement, importMacKey, sha256, toBase64url } from "#crypto";
import type { MacKey } from "../crypto/platform.ts";
import { decodeBase64url } from "../jose/base64url.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import { readAgreementKey } from "./agreement-key.ts";
import { GrantLimit } from "./grant-limit.ts";
import { macHead } from "./mac-input.ts";
import { nameRingSecret, openTicket, type RingSecret, sealTicket } from "./sealed-ticket.ts";
import type { TicketGrant } from "./ticket-grant.ts";
import { ticketKey } from "./ticket-key.ts";

/** A ticket as its server knows it. */
export interface OpenedTicket {
  readonly key: MacKey;
  /** The first two lines of every MAC under it. */
  readonly head: string;
  /** Thumbprint of the key that it is for. */
  readonly holder: string;
  /** The one of the verifier's names that it is for; `undefined` if it is for none of them. */
  readonly audience: string | undefined;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** One signed proof that asked for a ticket and was used. */
export interface TicketRequest {
  readonly proof: string;
  /** The proof's `ticket_epk`, as it came. */
  readonly agentKey: unknown;
  readonly audience: string;
  /** Thumbprint of the key that signed the proof. */
  readonly thumbprint: string;
  /** By whom grants are counted: the thumbprint of the key that the issuer attested. */
  readonly rootKey: string;
  /** The verifier's time, Unix seconds. */
  readonly now: number;
}

/** Opened tickets remembered at most. */
const MAX_OPENED = 10_000;

/** The tickets of one verifier: it grants them, and opens what it or another instance with its ring granted. */
export class Tickets {
  /** Seconds. */
  readonly #lifetime: number;
  readonly #audiences: readonly string[];
  /** The first seals, all open. */
  readonly #ring: Promise<readonly [RingSecret, ...RingSecret[]]>;
  readonly #opened = new Map<string, OpenedTicket>();
  readonly #limit = new GrantLimit();

  constructor(lifetime: number, ring: readonly [Uint8Array, ...Uint8Array[]], audiences: readonly string[]) {
    this.#lifetime = lifetime;
    this.#audiences = audiences;
    this.#ring = Promise.all(ring.map(nameRingSecret)) as Promise<readonly RingSecret[]> as Promise<
      readonly [RingSecret, ...RingSecret[]]
    >;
    this.#ring.catch(() => {});
  }

  /** Opens a ticket, whatever its time. @returns `undefined` if no secret of the ring sealed it. */
  open(text: string): MaybePromise<OpenedTicket | undefined> {
    return this.#opened.get(text) ?? this.#open(text);
  }

  /** Remembers a ticket under which a MAC has held, so that opening it again costs nothing. The oldest makes room. */
  remember(text: string, ticket: OpenedTicket): void {
    if (this.#opened.has(text)) return;
    // The text is a slice that would keep its whole message.
    this.#opened.set(structuredClone(text), ticket);
    const [oldest] = this.#opened.size > MAX_OPENED ? this.#opened.keys() : [];
    if (oldest !== undefined) this.#opened.delete(oldest);
  }

  /** Forgets a ticket that has expired. */
  forget(text: string): void {
    this.#opened.delete(text);
  }

  /** Grants a ticket. @returns `undefined` where there is nothing to grant, or no more for now. Never throws. */
  async grant({ agentKey, rootKey, now, ...asked }: TicketRequest): Promise<TicketGrant | undefined> {
    try {
      if (!readAgreementKey(agentKey)) return undefined;
      if (!this.#limit.permit(`${rootKey} ${asked.audience}`)) return undefined;
      const own = await createAgreement();
      const serverKey = toBase64url(own.publicKey);
      const key = await ticketKey(own, agentKey, { ...asked, agentKey: agentKey as string, serverKey });
      const holder = decodeBase64url(asked.thumbprint);
      if (!key || holder?.length !== 32) return undefined;
      const content = { key, holder, audience: await sha256(asked.audience), expiresAt: now + this.#lifetime };
      const random = crypto.getRandomValues(new Uint8Array(24));
      const ticket = await sealTicket((await this.#ring)[0], random, content);
      return { ticket, epk: serverKey, expires_in: this.#lifetime };
    } catch {
      return undefined;
    }
  }

  async #open(text: string): Promise<OpenedTicket | undefined> {
    const content = await openTicket(await this.#ring, text);
    if (!content) return undefined;
    const [key, head] = await Promise.all([importMacKey(content.key), macHead(text)]);
    const audience = await this.#audienceOf(toBase64url(content.audience));
    return { key, head, holder: toBase64url(content.holder), audience, expiresAt: content.expiresAt };
  }

  async #audienceOf(hash: string): Promise<string | undefined> {
    for (const audience of this.#audiences) if (toBase64url(await sha256(audience)) === hash) return audience;
    return undefined;
  }
}
