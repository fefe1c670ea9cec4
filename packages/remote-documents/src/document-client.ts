import { flag, optionError, refuseUnknownOptions, wholeNumber } from "@attest/core";
import {
  configureConnections,
  DOCUMENT_CLIENT_OPTIONS,
  type DocumentClientOptions,
} from "./document-client-options.ts";
import type { Connections, FetchDocument } from "./http/connection.ts";

/**
 * The HTTP client of remote documents: over HTTPS, to public addresses, within a time and a number of bytes, without
 * redirects; each exception has an option of its own. Make one for each set of limits, and share it between documents.
 */
export class DocumentClient {
  /** Milliseconds for a whole fetch. */
  readonly timeoutMs: number;
  /** Bytes of a document after decompression. */
  readonly maxBytes: number;
  readonly #allowInsecureHttp: boolean;
  readonly #connections: Connections;
  readonly #closing = new AbortController();

  constructor(options: DocumentClientOptions = {}) {
    refuseUnknownOptions(options, DOCUMENT_CLIENT_OPTIONS, "a document client");
    const { timeoutMs = 5000, maxBytes = 262_144 } = options;
    this.timeoutMs = wholeNumber("timeoutMs", timeoutMs, 1, 60_000);
    this.maxBytes = wholeNumber("maxBytes", maxBytes, 1, 16 * 1024 * 1024);
    this.#allowInsecureHttp = flag("allowInsecureHttp", options.allowInsecureHttp);
    this.#connections = configureConnections(options, { timeoutMs, maxBytes });
  }

  /** @internal */
  get fetch(): FetchDocument {
    return this.#connections.fetch;
  }

  /** @internal Aborts when the client is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * @internal The URL of a document in its normal form. No problem repeats it, as it may hold a secret where it should not.
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  checkUrl(option: string, value: unknown): string {
    if (typeof value !== "string" || value.length > 2048 || !URL.canParse(value)) {
      throw optionError(option, "must be an absolute URL");
    }
    const url = new URL(value);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && this.#allowInsecureHttp)) {
      throw optionError(option, "must be an https: URL; http: needs allowInsecureHttp");
    }
    if (url.username !== "" || url.password !== "") throw optionError(option, "must not hold credentials");
    if (url.hash !== "") throw optionError(option, "must not have a fragment");
    return url.href;
  }

  /** Ends all fetches and connections. The documents that use this client are unavailable from then on. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connections.close();
  }
}
