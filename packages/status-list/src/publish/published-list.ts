import { digest } from "@attest/core";
import { StatusList } from "../codec/status-list.ts";
import { STATUS_LIST_MEDIA_TYPE } from "../token/strict-token.ts";
import { writeStatusListToken } from "../token/write-status-list-token.ts";
import { type PublisherConfiguration, timeOf } from "./publisher-options.ts";
import type { RegisterJournal } from "./register-journal.ts";

/** How old a list may be, in seconds, before the storage is asked whether it still holds. */
export const PUBLISH_DELAY = 1;

/** An answer to a request for the list, for any kind of server. */
export interface StatusListAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
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
  #publishing: Promise<Signed> | undefined;

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

  #current(): Promise<Signed> {
    const held = this.#signed;
    if (held && performance.now() < this.#askedAt + PUBLISH_DELAY * 1000 && !this.#isOld(held))
      return Promise.resolve(held);
    this.#publishing ??= this.#publish().finally(() => {
      this.#publishing = undefined;
    });
    return this.#publishing;
  }

  async #publish(): Promise<Signed> {
    const { size, signer } = this.#options;
    // Both times before the storage is asked: the list holds whatever was stored by then.
    const [askedAt, issuedAt] = [performance.now(), timeOf(this.#options.clock)];
    const held = this.#signed && !this.#isOld(this.#signed) ? this.#signed : undefined;
    const { revision, list } = await this.#journal.look((register) => {
      if (held?.revision === register.revision) return { revision: held.revision };
      const made = StatusList.create(1, size);
      register.forEachRevoked((idx) => made.set(idx, 1));
      return { revision: register.revision, list: made };
    });
    const signed = list ? await this.#sign(list, revision, issuedAt, signer.current()) : (held as Signed);
    this.#signed = signed;
    this.#askedAt = askedAt;
    return signed;
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

  /** Whether a list has lived for half of its life, or was signed by another key than the current one. */
  #isOld({ issuedAt, kid }: Signed): boolean {
    const now = timeOf(this.#options.clock);
    return now < issuedAt || now >= issuedAt + this.#options.lifetime / 2 || kid !== this.#options.signer.current().kid;
  }
}

/** `If-None-Match`: a list of entity tags, compared weakly, or `*` (RFC 9110 §13.1.2). */
function isKnown(field: string | null | undefined, etag: string): boolean {
  const tags = (field ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
