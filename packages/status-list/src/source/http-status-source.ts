import {
  type AttestationStatus,
  type MaybePromise,
  optionError,
  type StatusReference,
  type StatusSource,
} from "@attest/core";
import type { DocumentClient } from "@attest/remote-documents";
import { RemoteStatusList } from "./remote-status-list.ts";
import { revocationBound } from "./revocation-bound.ts";
import { configure, configureLists, type HttpStatusSourceOptions } from "./source-options.ts";
import { StatusError } from "./status-error.ts";

/**
 * Tells by IETF status lists (Token Status List, JWT form) whether attestations were revoked.
 *
 * Fetches configured lists only, over HTTPS from public addresses, without redirects, within one deadline and byte limits.
 * Takes a list that a key of its issuer signed for this very URI, that has not expired, and that is no older than one
 * before. For each list one fetch is in flight at a time; lists are refreshed ahead of their expiry by the traffic that
 * asks, and there are no timers. Make one for a process, and share it between verifiers.
 *
 * @example
 * ```ts
 * import type { KeyResolver } from "@attest/core";
 * import { HttpStatusSource } from "@attest/status-list";
 *
 * declare const keyResolver: KeyResolver; // that of the verifier
 * const lists = { "https://authority.example": "https://authority.example/status/1" };
 * const statusSource = new HttpStatusSource({ lists, keyResolver });
 * ```
 */
export class HttpStatusSource implements StatusSource {
  /** The URIs of the lists that it fetches, by issuer. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /**
   * Seconds within which a revocation that the list's server serves is known here, at most: from then on every check
   * answers `revoked`, or that the status is not available. Add the publisher's `publishDelay`. A shorter `ttl` of a list
   * makes it shorter; only a server that goes on sending an old list can stretch it, up to that list's `exp`.
   */
  readonly revocationBound: number;
  readonly #client: DocumentClient;
  readonly #lists: ReadonlyMap<string, RemoteStatusList>;

  /**
   * Does no I/O: `ready()` fetches, and so does the first check.
   *
   * @throws AttestationError `ERR_OPTION`, naming the option that makes no sense.
   */
  constructor(options: HttpStatusSourceOptions) {
    const configuration = configure(options);
    this.lists = configureLists(options.lists);
    this.#client = configuration.client;
    this.revocationBound = revocationBound({ ...configuration, timeoutMs: configuration.client.timeoutMs });
    this.#lists = new Map(
      Object.entries(this.lists).flatMap(([issuer, uris]) =>
        uris.map((uri) => [uri, new RemoteStatusList(issuer, uri, configuration)] as const),
      ),
    );
  }

  /**
   * The status of an attestation of this issuer, at once if no fetch is needed.
   *
   * @throws StatusError if it is not available; `problem` says why.
   */
  check(issuer: string, { uri, idx }: StatusReference): MaybePromise<AttestationStatus> {
    const list = this.#lists.get(uri);
    if (!list) throw new StatusError("foreign-list");
    if (list.issuer !== issuer) throw new StatusError("other-issuer");
    return list.check(idx);
  }

  /** Fetches every list that is not held yet. @throws StatusError if any cannot be fetched; the others are served. */
  async ready(): Promise<void> {
    await Promise.all([...this.#lists.values()].map((list) => list.ready()));
  }

  /**
   * Fetches lists now, even if the held ones are fresh or a back-off has not passed. For operators, in an incident: when it
   * resolves, everything that was published before the call is known here.
   *
   * @param uri Default: every configured one.
   * @throws AttestationError `ERR_OPTION` for a list that is not configured; StatusError if any fetch fails; the held
   * lists then stay for their time.
   */
  async reload(uri?: string): Promise<void> {
    if (uri === undefined) {
      await Promise.all([...this.#lists.values()].map((list) => list.reload()));
      return;
    }
    const list = this.#lists.get(uri);
    if (!list) throw optionError("uri", "must be one of the configured lists");
    await list.reload();
  }

  /** Ends fetches and connections. From then on every status is unavailable. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}
