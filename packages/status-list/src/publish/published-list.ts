import { digest } from "@attest/core";
import { StatusList } from "../codec/status-list.ts";
import { STATUS_LIST_MEDIA_TYPE } from "../token/strict-token.ts";
import { writeStatusListToken } from "../token/write-status-list-token.ts";
import { type PublisherConfiguration, timeOf } from "./publisher-options.ts";
import type { RegisterJournal } from "./register-journal.ts";

/**
 * How old a published list may be, in seconds, before the storage is asked whether it still holds: within that, every publisher
 * on a storage publishes a revocation.
 */
export const PUBLISH_DELAY = 1;

/** An answer to a request for the list, for any kind of server. */
export interface StatusListAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The HTTP fields. */
  readonly headers: Readonly<Record<string, string>>;
  /** The status list token; empty where there is nothing to send. */
  readonly body: string;
}

/** A signed list, and what it was made of. */
interface Signed {
  readonly token: string;
  readonly etag: string;
  readonly issuedAt: number;
  readonly revision: number;
  readonly kid: string;
}

/** The list of a journal, signed, and made again whenever that is due. */
export class PublishedList {
  readonly #options: PublisherConfiguration;
  readonly #journal: RegisterJournal;
  #signed: Signed | undefined;
  /** When the storage was asked last, by a clock that nobody sets. Milliseconds. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #publishing: { readonly since: number; readonly done: Promise<Signed> } | undefined;

  constructor(options: PublisherConfiguration, journal: RegisterJournal) {
    this.#options = options;
    this.#journal = journal;
  }

  async token(): Promise<string> {
    return (await this.#current()).token;
  }

  async answer(method: string, ifNoneMatch: string | null | undefined): Promise<StatusListAnswer> {
    if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" }, body: "" };
    let signed: Signed;
    try {
      signed = await this.#current();
    } catch {
      return { status: 503, headers: { "cache-control": "no-store" }, body: "" };
    }
    const headers = {
      etag: signed.etag,
      // The list's own `ttl` says how long it may be used; a cache on the way would add to that.
      "cache-control": "no-cache",
      // For verifiers in web pages too.
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
    };
    if (isKnown(ifNoneMatch, signed.etag)) return { status: 304, headers, body: "" };
    const body = method === "HEAD" ? "" : signed.token;
    return { status: 200, headers: { ...headers, "content-type": STATUS_LIST_MEDIA_TYPE }, body };
  }

  /** The list as it was at most `PUBLISH_DELAY` before this call. */
  #current(): Promise<Signed> {
    const now = performance.now();
    const isRecent = (since: number) => now < since + PUBLISH_DELAY * 1000;
    const held = this.#signed;
    if (held && isRecent(this.#askedAt) && !this.#isOld(held)) return Promise.resolve(held);
    if (this.#publishing && isRecent(this.#publishing.since)) return this.#publishing.done;
    const publishing = {
      since: now,
      done: this.#publish(now).finally(() => {
        if (this.#publishing === publishing) this.#publishing = undefined;
      }),
    };
    this.#publishing = publishing;
    return publishing.done;
  }

  async #publish(askedAt: number): Promise<Signed> {
    const { size, signer, clock } = this.#options;
    const held = this.#signed && !this.#isOld(this.#signed) ? this.#signed : undefined;
    const { revision, revokedAt, list } = await this.#journal.look(async (register) => {
      const { revision, revokedAt } = register;
      if (held?.revision === revision) return { revision, revokedAt };
      const made = StatusList.create(1, size);
      await register.forEachRevoked((idx) => made.set(idx, 1));
      return { revision, revokedAt, list: made };
    });
    const issuedAt = Math.max(this.#periodOf(timeOf(clock)), revokedAt);
    const signed = list ? await this.#sign(list, revision, issuedAt, signer.current()) : (held as Signed);
    // Another one that began later may have ended before.
    if (askedAt >= this.#askedAt) [this.#signed, this.#askedAt] = [signed, askedAt];
    return this.#signed as Signed;
  }

  async #sign(
    list: StatusList,
    revision: number,
    issuedAt: number,
    signer: ReturnType<PublisherConfiguration["signer"]["current"]>,
  ): Promise<Signed> {
    const { issuer, uri, ttl, lifetime } = this.#options;
    const claims = { issuer, uri, issuedAt, expiresAt: issuedAt + lifetime, ttl };
    const token = await writeStatusListToken(list, claims, signer);
    return { token, etag: `"${await digest(token)}"`, issuedAt, revision, kid: signer.kid };
  }

  /** Whether a list is of an earlier period, or was signed by another key than the current one. */
  #isOld({ issuedAt, kid }: Signed): boolean {
    return issuedAt < this.#periodOf(timeOf(this.#options.clock)) || kid !== this.#options.signer.current().kid;
  }

  /**
   * The beginning of the half of a list's life in which a time falls. `iat` is that, or the last revocation: the same in every
   * process, whenever it was started. Verifiers take no older list than one before, so that they could not change between
   * processes otherwise.
   */
  #periodOf(time: number): number {
    const period = Math.floor(this.#options.lifetime / 2);
    return time - (time % period);
  }
}

/** `If-None-Match`: a list of entity tags, compared weakly, or `*` (RFC 9110 §13.1.2). */
function isKnown(field: string | null | undefined, etag: string): boolean {
  const tags = (field ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
