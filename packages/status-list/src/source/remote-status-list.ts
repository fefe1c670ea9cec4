import { type AttestationStatus, type MaybePromise, notify, type StatusListEvent } from "@attest/core";
import { type FetchResult, RemoteDocument } from "@attest/remote-documents";
import { readStatusListToken, type VerifiedStatusList } from "../token/read-status-list-token.ts";
import { STATUS_LIST_MEDIA_TYPE } from "../token/strict-token.ts";
import type { SourceConfiguration } from "./source-options.ts";
import { StatusError } from "./status-error.ts";

/** How long a list is used that has no `ttl`, in seconds. */
const DEFAULT_TTL = 300;

/** One status list at its URI, held and kept current by the traffic that asks for statuses. */
export class RemoteStatusList {
  readonly issuer: string;
  readonly #uri: string;
  readonly #observer: SourceConfiguration["observer"];
  readonly #clock: SourceConfiguration["clock"];
  readonly #document: RemoteDocument<VerifiedStatusList>;
  /** More than any list within the limits can have. */
  readonly #mostStatuses: number;

  /** @throws AttestationError `ERR_OPTION`, naming the option. */
  constructor(issuer: string, uri: string, configuration: SourceConfiguration) {
    const { client, keyResolver, pollInterval, maxListBytes, clock, clockTolerance, observer } = configuration;
    const { staleIfError, cooldown } = configuration;
    this.issuer = issuer;
    this.#uri = uri;
    this.#observer = observer;
    this.#clock = clock;
    this.#mostStatuses = maxListBytes * 8;
    const expected = { issuer, uri, keyResolver, clockTolerance, maxBytes: maxListBytes };
    this.#document = new RemoteDocument<VerifiedStatusList>({
      ...{ client, url: uri, urlOption: `lists[${JSON.stringify(issuer)}]`, accept: STATUS_LIST_MEDIA_TYPE },
      parse: async (body) => {
        const value = await readStatusListToken(body, { ...expected, now: clock() });
        return { value, ttl: value.ttl ?? DEFAULT_TTL, expiresAt: value.expiresAt, version: value.issuedAt };
      },
      code: "ERR_REVOCATION_UNAVAILABLE",
      source: "The status list's server",
      unavailable: "The status list cannot be fetched",
      // The format demands that its own `ttl` and `exp` count more than what HTTP says.
      ...{ cacheTtl: pollInterval, minTtl: 1, ignoreCacheControl: true },
      ...{ cooldown, staleIfError, clock },
      ...(observer && { onFetch: () => (result) => this.#report(result) }),
    });
  }

  /** The status at an index. @throws StatusError */
  check(idx: number): MaybePromise<AttestationStatus> {
    if (!Number.isSafeInteger(idx) || idx < 0 || idx >= this.#mostStatuses) throw new StatusError("out-of-range");
    try {
      const status = this.#document.find(({ list }) => list.get(idx));
      return status instanceof Promise ? status.then(answer, throwUnavailable) : answer(status);
    } catch (error) {
      throw error instanceof StatusError ? error : throwUnavailable(error);
    }
  }

  /** Resolves once there is a list to serve. @throws StatusError */
  async ready(): Promise<void> {
    try {
      await this.#document.find((held) => held);
    } catch (error) {
      throwUnavailable(error);
    }
  }

  /** Fetches now, whatever is held. @throws StatusError if that fails; the held list stays for its time. */
  reload(): Promise<void> {
    return this.#document.reload().catch(throwUnavailable);
  }

  #report(result: FetchResult<VerifiedStatusList>): void {
    const { outcome, duration, served } = result;
    const list = served?.value;
    const event: StatusListEvent = {
      ...{ type: "status-list", outcome, issuer: this.issuer, uri: this.#uri, at: this.#clock() },
      ...(outcome === "failed" && {
        code: "ERR_REVOCATION_UNAVAILABLE",
        cause: result.cause,
        problem: result.error.message,
      }),
      ...(list && { served: { issuedAt: list.issuedAt, expiresAt: list.expiresAt, size: list.list.size } }),
      ...{ stale: served?.phase === "stale", duration },
    };
    notify(this.#observer, event);
  }
}

/** Only the status 0 is valid. A status that the current list does not have is out of its range. */
function answer(status: number | undefined): AttestationStatus {
  if (status === undefined) throw new StatusError("out-of-range");
  return status === 0 ? "valid" : "revoked";
}

function throwUnavailable(error: unknown): never {
  // The outer error says only that nothing can be served; the inner one says why.
  throw new StatusError("unavailable", { cause: error instanceof Error ? (error.cause ?? error) : undefined });
}
