import {
  AttestationError,
  digest,
  importVerificationKey,
  type OptionNames,
  optionError,
  refuseUnknownOptions,
  wholeNumber,
} from "@attest/core";
import type { Jwks } from "../store/rotating-key-store.ts";

/** What knows the keys to publish; a `RotatingKeyStore` is one. */
export interface KeyPublisher {
  /** The public keys as they are to be published at this moment. */
  jwks(): Jwks;
  /** Asked before every answer, so that a key that another process removed is not published. */
  refresh?(): Promise<void>;
  /** How long a key is published before it signs, in seconds. Absent: its keys do not change. */
  readonly publishAhead?: number;
}

/** How a key set is published. */
export interface JwksHandlerOptions {
  /**
   * How long an answer may be used without asking again, in seconds, from 0 to half of `publishAhead`, so that a new key
   * is everywhere before it signs; and so long a removed key lives on at verifiers. Default 300, or that half if less.
   */
  readonly maxAge?: number;
}

/** An answer, for whatever kind of server. */
export interface JwksAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const MAX_AGE = 300;
const OPTIONS: OptionNames<JwksHandlerOptions> = { maxAge: true };

/** Answers requests for a key set, knowing nothing of servers. */
export class JwksEndpoint {
  readonly #publisher: KeyPublisher;
  readonly #maxAge: number;
  #vetted = "";

  /** @throws AttestationError `ERR_OPTION`. */
  constructor(publisher: KeyPublisher, options: JwksHandlerOptions = {}) {
    if (typeof publisher?.jwks !== "function") throw optionError("store", "must have a jwks function");
    refuseUnknownOptions(options, OPTIONS, "a JWKS handler");
    const longest = Math.floor((publisher.publishAhead ?? 2 * 86_400) / 2);
    this.#maxAge = wholeNumber("maxAge", options.maxAge ?? Math.min(MAX_AGE, longest), 0, longest);
    this.#publisher = publisher;
  }

  /** Answers one request. Never throws: what cannot be published safely is an error to the client and no set. */
  async answer(method: string, ifNoneMatch: string | null | undefined): Promise<JwksAnswer> {
    if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" }, body: "" };
    let body: string;
    try {
      body = await this.#document();
    } catch (error) {
      const status = error instanceof AttestationError && error.code === "ERR_KEY_SOURCE_UNAVAILABLE" ? 503 : 500;
      return { status, headers: { "cache-control": "no-store" }, body: "" };
    }
    const etag = `"${await digest(body)}"`;
    const headers = {
      etag,
      "cache-control": `public, max-age=${this.#maxAge}, must-revalidate`,
      // Public keys are for everyone, verifiers in web pages too.
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
    };
    if (matches(ifNoneMatch, etag)) return { status: 304, headers, body: "" };
    return {
      status: 200,
      headers: { ...headers, "content-type": "application/jwk-set+json" },
      body: method === "HEAD" ? "" : body,
    };
  }

  /** The set as JSON. What a verifier would refuse is not published, a private key least of all (K3). */
  async #document(): Promise<string> {
    await this.#publisher.refresh?.();
    const { keys } = this.#publisher.jwks();
    const body = JSON.stringify({ keys });
    if (body !== this.#vetted) {
      await Promise.all(keys.map(importVerificationKey));
      this.#vetted = body;
    }
    return body;
  }
}

/** `If-None-Match`: a list of entity tags, compared weakly, or `*` (RFC 9110 §13.1.2). */
function matches(field: string | null | undefined, etag: string): boolean {
  const tags = (field ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
