import { AttestationError, optionError, type StatusReference } from "@attest/core";
import { PUBLISH_DELAY, PublishedList, type StatusListAnswer } from "./published-list.ts";
import {
  configure,
  type PublisherConfiguration,
  type StatusListPublisherOptions,
  timeOf,
} from "./publisher-options.ts";
import { randomFreeIndex } from "./random-index.ts";
import { RegisterJournal } from "./register-journal.ts";
import { decideReinstatement, decideRevocation, type Revocation, thumbprint, workloadName } from "./revocation.ts";
import type { Revocable, StatusRegister } from "./status-register.ts";

/** Added to the life of an attestation: the largest tolerance of a verifier's clock, and a minute. */
const MARGIN = 360;
/**
 * An authority's status list: gives every key that is attested an index of its own, revokes, and publishes the list.
 *
 * Whatever resolves is durable in the storage, and every process on the same storage publishes it within `publishDelay`.
 * It does not authenticate anybody: check who may revoke before you call it.
 *
 * @example
 * ```ts
 * import type { Signer } from "@attest/core";
 * import { FileStatusStorage } from "@attest/status-list/node";
 * import { StatusListPublisher } from "@attest/status-list";
 *
 * declare const signer: Signer; // the authority's own
 * const [issuer, uri] = ["https://authority.example", "https://authority.example/status/1"];
 * const storage = new FileStatusStorage("./status");
 * const publisher = await StatusListPublisher.open({ issuer, uri, signer, storage });
 * ```
 */
export class StatusListPublisher {
  /** Where verifiers fetch the list: `uri` of each reference that `allocate` returns. */
  readonly uri: string;
  /** The authority that it was opened for. */
  readonly issuer: string;
  /** The longest that an attestation with an index of this list may live, in seconds. */
  readonly maxLifetime: number;
  /** How long verifiers may use the list without asking again, in seconds. */
  readonly ttl: number;
  /** Seconds from a revocation until every process on the same storage publishes it, at most. */
  readonly publishDelay: number = PUBLISH_DELAY;
  readonly #options: PublisherConfiguration;
  readonly #journal: RegisterJournal;
  readonly #list: PublishedList;

  private constructor(options: StatusListPublisherOptions) {
    this.#options = configure(options);
    this.uri = this.#options.uri;
    this.issuer = this.#options.issuer;
    this.maxLifetime = this.#options.maxLifetime;
    this.ttl = this.#options.ttl;
    // An index is free again once no attestation with it is valid, and no list that names it revoked.
    this.#journal = new RegisterJournal(this.#options.storage, (register) => this.#prune(register));
    this.#list = new PublishedList(this.#options, this.#journal);
  }

  /**
   * Takes up what is stored.
   *
   * @throws AttestationError `ERR_OPTION`; `ERR_REVOCATION_UNAVAILABLE` if the storage fails or holds something else.
   */
  static async open(options: StatusListPublisherOptions): Promise<StatusListPublisher> {
    const publisher = new StatusListPublisher(options);
    const { size } = publisher.#options;
    const highest = await publisher.#journal.look((register) => register.highest());
    if (highest >= size) throw optionError("size", `must be more than ${highest}, the highest index in use`);
    return publisher;
  }

  /**
   * The index for an attestation of a key: a random one, and the same again for as long as attestations with it may be
   * valid, so that renewals add nothing. Ask for it again for every attestation.
   *
   * @param keyThumbprint RFC 7638 SHA-256, base64url.
   * @param options Who holds the key, if all of its keys are to be revocable at once.
   * @param options.workload Who holds the key, 1–2048 characters, by
   * which all of its keys can be revoked. Keep it the same, as nothing of it is published.
   * @throws AttestationError `ERR_REVOKED` if the key or its workload was revoked and not reinstated: attest nothing then.
   * `ERR_REVOCATION_UNAVAILABLE` if the storage fails or the list is full, `ERR_OPTION`, `ERR_CLOCK`.
   */
  async allocate(keyThumbprint: string, options: { workload?: string } = {}): Promise<StatusReference> {
    const key = thumbprint("keyThumbprint", keyThumbprint);
    const workload = options.workload === undefined ? undefined : workloadName(options.workload);
    const { uri, size, maxLifetime } = this.#options;
    const longest = maxLifetime + MARGIN;
    return this.#journal.change((register) => {
      const now = this.#now();
      if (register.isRevoked(key, workload)) {
        throw new AttestationError(
          "ERR_REVOKED",
          "The key or its workload was revoked: reinstate it to attest it again",
        );
      }
      const known = register.find(key, workload, now);
      if (known && known.until >= now + longest) return { changes: [], result: { uri, idx: known.idx } };
      const idx = known?.idx ?? randomFreeIndex(size, (each) => register.keyOf(each) !== undefined);
      if (idx === undefined) {
        throw new AttestationError("ERR_REVOCATION_UNAVAILABLE", "The status list is full: make it larger (size)");
      }
      // Twice as long, so that renewals within the first half store nothing.
      const until = now + 2 * longest;
      return {
        changes: [{ take: idx, key, until, ...(workload !== undefined && { workload }) }],
        result: { uri, idx },
      };
    });
  }

  /**
   * Revokes every attestation of a key or of a workload, those that are made from now on too: `allocate` refuses them.
   * Resolves when that is durable. Nothing that was revoked becomes valid again.
   *
   * @returns The indexes that verifiers refuse; empty if there are no attestations that may be valid.
   * @throws AttestationError `ERR_OPTION` for an index that is not in use, and as `allocate`.
   */
  async revoke(revocation: Revocation): Promise<readonly number[]> {
    return this.#journal.change(decideRevocation(revocation, () => this.#now()));
  }

  /** Lets a key or a workload be attested again, at another index. Its revoked attestations stay revoked. @throws As `allocate`. */
  async reinstate(revocable: Revocable): Promise<void> {
    await this.#journal.change(decideReinstatement(revocable));
  }

  /** The signed list as it is now. @throws AttestationError `ERR_REVOCATION_UNAVAILABLE`, `ERR_CLOCK`; what the signer throws. */
  token(): Promise<string> {
    return this.#list.token();
  }

  /**
   * A web-standard handler: mount it for GET and HEAD at `uri`. It does not look at the path. Answers with an `ETag` and 304.
   * What cannot be published for certain is 503: a list that may lack a revocation is not sent.
   */
  readonly handler = async (request: Request): Promise<Response> => {
    const { status, headers, body } = await this.answer(request.method, request.headers.get("if-none-match"));
    return new Response(body === "" ? null : body, { status, headers });
  };

  /** What `handler` answers, for servers of other kinds. Never throws. */
  answer(method: string, ifNoneMatch: string | null | undefined): Promise<StatusListAnswer> {
    return this.#list.answer(method, ifNoneMatch);
  }

  #prune(register: StatusRegister): void {
    register.prune(this.#now() - this.#options.lifetime);
  }

  #now(): number {
    return timeOf(this.#options.clock);
  }
}
