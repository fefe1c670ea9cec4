import { AttestationError, type MaybePromise } from "@attest/core";
import { freshness } from "./freshness.ts";
import { fetchDocument } from "./http/fetch-document.ts";
import { type FetchCause, FetchFailure } from "./http/fetch-failure.ts";
import { withinDeadline } from "./http/within-deadline.ts";
import {
  configure,
  type ParsedDocument,
  type RemoteDocumentConfiguration,
  type RemoteDocumentOptions,
  type ServedDocument,
} from "./remote-document-options.ts";

/** An entity tag longer than this is not sent back. */
const MAX_ETAG = 256;

/** What a source last sent, and how long that holds. Unix seconds. */
interface Held<T> {
  readonly document: ParsedDocument<T>;
  readonly etag: string | undefined;
  readonly fetchedAt: number;
  /** The stopwatch at `fetchedAt`. */
  readonly startedAt: number;
  /** From here on traffic starts a fetch, without waiting for it. */
  readonly refreshAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
}

/** A fetch under way. */
interface Flight {
  readonly done: Promise<void>;
  /** After this time the fetch counts as lost: its own deadline has passed, so the process must have been suspended. */
  readonly lostAt: number;
}

type Loaded<T> = { readonly held: Held<T>; readonly outcome: "fetched" | "not-modified" };
type Failed = { readonly error: AttestationError; readonly cause: FetchCause };

/**
 * A document at a fixed address, held and kept fresh by the traffic that uses it; there are no timers.
 *
 * One fetch is in flight at a time. The document is fetched again ahead of its expiry, and when it does not hold what is
 * looked for. That something is missing is remembered by the time of the last fetch and not for each thing, so that a flood
 * of look-ups has nothing to fill (J6), and any fetch that one of them causes serves them all (J9).
 */
export class RemoteDocument<T> {
  readonly #options: RemoteDocumentConfiguration<T>;
  #held: Held<T> | undefined;
  #newest = Number.NEGATIVE_INFINITY;
  #flight: Flight | undefined;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #backOff = 0;
  #problem: AttestationError | undefined;
  /** A reload that was requested and has not begun. */
  #reloading: Promise<void> | undefined;

  constructor(options: RemoteDocumentOptions<T>) {
    this.#options = configure(options);
  }

  /**
   * Looks for something in the document, at once whenever that needs no fetch. If it is not there, the document is fetched
   * again, at most once within a `cooldown`.
   *
   * @param look Finds it in the value, or returns `undefined`. It may be called several times.
   * @returns What `look` found; `undefined` if the document is current and does not hold it.
   * @throws AttestationError `code` if there is no document to serve, or if it does not hold what is looked for and may be
   * outdated (J8, J10); `ERR_CLOCK`.
   */
  find<R>(look: (value: T) => R | undefined): MaybePromise<R | undefined> {
    const now = this.#now();
    const phase = this.#phase(now);
    const found = phase === "none" ? undefined : look((this.#held as Held<T>).document.value);
    if (found !== undefined) {
      if (phase === "fresh") return found;
      // Past its time it serves without waiting only once its source is known to fail.
      if (phase === "ageing" || this.#failures > 0) {
        this.#fetchIfDue(now, false);
        return this.#answer(look, now);
      }
    }
    const fetched = this.#fetchIfDue(now, phase === "fresh" || phase === "ageing");
    return fetched ? fetched.then(() => this.#answer(look, this.#now())) : this.#answer(look, now);
  }

  /**
   * Fetches now, even if the held document is fresh or `cooldown` and back-off have not passed. The fetch begins after the
   * call. Calls that come before it begins share it: at most one fetch is under way, and one waits.
   *
   * @throws AttestationError `code` if it fails; the held document stays for its time.
   */
  reload(): Promise<void> {
    this.#reloading ??= this.#reload();
    return this.#reloading;
  }

  async #reload(): Promise<void> {
    // What is under way may have been answered before the change that the caller wants to see.
    do await this.#flight?.done;
    while (this.#flight);
    this.#reloading = undefined;
    if (!this.#isClosed) await this.#begin(this.#now());
    if (this.#isClosed || this.#failures > 0) throw this.#unavailable();
  }

  #answer<R>(look: (value: T) => R | undefined, now: number): R | undefined {
    const served = this.#serve(now);
    if (served.phase === "none") throw this.#unavailable();
    ignoringErrors(() => this.#options.onServe?.(served));
    const found = look(served.value);
    // It may be in the document that could not be fetched (J8), and what is stale does not prove that it is missing (J10).
    if (found === undefined && (served.phase === "stale" || this.#failures > 0)) throw this.#unavailable();
    return found;
  }

  #phase(now: number): ServedDocument<T>["phase"] {
    const held = this.#held;
    // After the clock was set back, nothing is known about what was fetched ahead of it.
    if (held === undefined || now < held.fetchedAt || this.#isClosed) return "none";
    const time = Math.max(now, held.fetchedAt + this.#options.stopwatch() - held.startedAt);
    if (time < held.refreshAt) return "fresh";
    if (time < held.freshUntil) return "ageing";
    return time < held.staleUntil ? "stale" : "none";
  }

  #serve(now: number): ServedDocument<T> {
    const phase = this.#phase(now);
    return phase === "none" ? { phase } : { phase, value: (this.#held as Held<T>).document.value };
  }

  /** The fetch under way (J5), or a new one unless it is too early: after a failure (J7), or for what was missing (J6). */
  #fetchIfDue(now: number, forMissing: boolean): Promise<void> | undefined {
    if (this.#flight && now < this.#flight.lostAt) return this.#flight.done;
    if (isWithin(now, this.#failedAt, this.#backOff)) return undefined;
    if (forMissing && isWithin(now, this.#attemptedAt, this.#options.cooldown)) return undefined;
    if (this.#isClosed) return undefined;
    return this.#begin(now);
  }

  #begin(now: number): Promise<void> {
    this.#attemptedAt = now;
    const flight: Flight = {
      lostAt: now + Math.ceil(this.#options.client.timeoutMs / 1000) + 2,
      // Begun in a later turn, so that whatever it calls finds this flight under way.
      done: Promise.resolve()
        .then(() => this.#fetch(now, () => this.#flight === flight))
        .finally(() => {
          if (this.#flight === flight) this.#flight = undefined;
        }),
    };
    this.#flight = flight;
    return flight.done;
  }

  /** Fetches once. Never rejects: callers look afterwards at what is served. */
  async #fetch(now: number, isCurrent: () => boolean): Promise<void> {
    const started = performance.now();
    const ended = ignoringErrors(() => this.#options.onFetch?.());
    const result = await this.#load(now).catch((error: unknown) => this.#failureOf(error));
    const duration = (performance.now() - started) / 1000;
    const end = Math.floor(now + duration);
    const isTaken = isCurrent();
    // One that was given up as lost and comes back all the same is older than what is held (J11).
    if (isTaken) this.#settle(result, end);
    const facts = { duration, ...(isTaken && { served: this.#serve(end) }) };
    ignoringErrors(() =>
      ended?.(
        "error" in result
          ? { ...facts, ...result, outcome: "failed" }
          : { ...facts, outcome: result.outcome, value: result.held.document.value },
      ),
    );
  }

  #load(now: number): Promise<Loaded<T>> {
    const { client, url, accept, parse } = this.#options;
    const before = this.#held;
    const startedAt = this.#options.stopwatch();
    // A document that has expired is not worth to be confirmed.
    const etag = before && !hasExpired(before.document, now) ? before.etag : undefined;
    const { fetch, timeoutMs, maxBytes, closing } = client;
    return withinDeadline({ timeoutMs, closing }, async (signal) => {
      const answer = await fetchDocument({ fetch, url, accept, maxBytes, etag, signal });
      if (!answer.modified && before) {
        return {
          held: this.#hold(before.document, before.etag, answer.headers, now, startedAt),
          outcome: "not-modified",
        };
      }
      const document = await parse(answer.modified ? answer.body : new Uint8Array());
      if ((document.version ?? this.#newest) < this.#newest) {
        throw new FetchFailure("outdated", "sent an older document than one before: it must not go back");
      }
      if (hasExpired(document, now)) throw new FetchFailure("outdated", "sent a document that has expired");
      const tag = answer.headers.get("etag") ?? "";
      const known = tag !== "" && tag.length <= MAX_ETAG ? tag : undefined;
      return { held: this.#hold(document, known, answer.headers, now, startedAt), outcome: "fetched" };
    });
  }

  #hold(
    document: ParsedDocument<T>,
    etag: string | undefined,
    headers: Headers,
    now: number,
    startedAt: number,
  ): Held<T> {
    const { minTtl, cacheTtl, staleIfError, ignoreCacheControl, random } = this.#options;
    const { ttl = cacheTtl, expiresAt = Number.POSITIVE_INFINITY } = document;
    const most = Math.min(cacheTtl, Math.max(minTtl, ttl));
    const freshFor = ignoreCacheControl ? most : freshness(headers, minTtl, most);
    const freshUntil = Math.min(now + freshFor, expiresAt);
    return {
      document,
      etag,
      fetchedAt: now,
      startedAt,
      // Spread, so that not all who hold the document ask at the same time.
      refreshAt: now + (freshUntil - now) * (0.7 + 0.2 * random()),
      freshUntil,
      staleUntil: Math.min(freshUntil + staleIfError, expiresAt),
    };
  }

  #settle(result: Loaded<T> | Failed, now: number): void {
    if ("error" in result) {
      this.#problem = result.error;
      this.#failures++;
      this.#failedAt = now;
      const longest = Math.min(this.#options.cooldown, 2 ** (this.#failures - 1));
      this.#backOff = longest * (0.5 + this.#options.random() / 2);
    } else {
      this.#held = result.held;
      this.#newest = Math.max(this.#newest, result.held.document.version ?? this.#newest);
      this.#failures = 0;
      this.#backOff = 0;
    }
  }

  #failureOf(error: unknown): Failed {
    const { code, source } = this.#options;
    if (error instanceof FetchFailure) {
      return { error: new AttestationError(code, `${source} ${error.message}`), cause: error.failure };
    }
    // What else was thrown stays out of the message: it could quote the document (O1).
    const unread = () => new AttestationError(code, `${source} sent something that cannot be read`);
    return { error: error instanceof AttestationError ? error : unread(), cause: "content" };
  }

  #unavailable(): AttestationError {
    const { code, unavailable } = this.#options;
    return new AttestationError(code, unavailable, { cause: this.#problem });
  }

  get #isClosed(): boolean {
    return this.#options.client.closing.aborted;
  }

  #now(): number {
    const now = this.#options.clock();
    if (!Number.isFinite(now)) throw new AttestationError("ERR_CLOCK", "The clock returned an invalid time");
    return now;
  }
}

/** Whether less than `seconds` have passed since a time. After the clock was set back, that is not known. */
function isWithin(now: number, since: number, seconds: number): boolean {
  return now >= since && now < since + seconds;
}

function hasExpired({ expiresAt = Number.POSITIVE_INFINITY }: ParsedDocument<unknown>, now: number): boolean {
  return expiresAt <= now;
}

/** Calls what watches: it decides nothing, so what it throws changes nothing. */
function ignoringErrors<R>(call: () => R): R | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
