import {
  AttestationError,
  begin,
  isKid,
  type KeyFetchCause,
  type KeyFetchEvent,
  type KeyProblem,
  type KeySetEvent,
  type MaybePromise,
  notify,
  type VerificationKey,
} from "@attest/core";
import { fetchDocument } from "../http/fetch-document.ts";
import { FetchFailure } from "../http/fetch-failure.ts";
import { freshness } from "./freshness.ts";
import { alarmOf, gravestFirst, type KeySet, readKeySet, replacedKeys } from "./key-set.ts";
import { MIN_TTL, type ResolverConfiguration } from "./resolver-options.ts";

/** An entity tag longer than this is not sent back. */
const MAX_ETAG = 256;

/** What an issuer's endpoint last said, and how long that holds. Unix seconds. */
interface Held {
  readonly set: KeySet;
  readonly etag: string | undefined;
  readonly fetchedAt: number;
  /** From here on traffic fetches anew, without waiting for it. */
  readonly refreshAt: number;
  readonly freshUntil: number;
}

/** How far what is held can be relied on: `aging` is fresh and due for a refresh, `stale` serves while the source fails. */
type Phase = "none" | "fresh" | "aging" | "stale";

interface Flight {
  readonly done: Promise<void>;
  /** From then on the fetch counts as lost: its own deadline has passed, so the process must have been suspended. */
  readonly lostAt: number;
}

/** What the last event about a set said. */
interface Reported {
  readonly keys: number;
  readonly stale: boolean;
  readonly problems: readonly KeyProblem[];
}

/**
 * The keys of one issuer: held, refreshed ahead of their expiry, and looked for anew when a kid is unknown.
 *
 * That a kid is absent is remembered by the time of the last fetch and not for each kid, so that a flood of kids has
 * nothing to fill (J6), and any fetch that one of them causes shows every rotation (J9).
 */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #url: string;
  readonly #options: ResolverConfiguration;
  readonly #signal: AbortSignal;
  #held: Held | undefined;
  #flight: Flight | undefined;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #backOff = 0;
  #problem: AttestationError | undefined;
  #reported: Reported = { keys: 0, stale: false, problems: [] };
  /** A reload that was requested and has not begun. */
  #reloading: Promise<void> | undefined;

  constructor(issuer: string, url: string, options: ResolverConfiguration, signal: AbortSignal) {
    this.#issuer = issuer;
    this.#url = url;
    this.#options = options;
    this.#signal = signal;
  }

  /** As `KeyResolver.resolve`; answers at once whenever it need not wait for a fetch. */
  resolve(kid: string): MaybePromise<VerificationKey | undefined> {
    const now = this.#now();
    const phase = this.#phase(now);
    const key = this.#held?.set.keys.get(kid);
    if (key) {
      if (phase === "fresh") return key;
      // Past its time it serves without waiting only once its source is known to fail.
      if (phase === "aging" || (phase === "stale" && this.#failures > 0)) {
        this.#fetchIfDue(now, false);
        return this.#answer(kid, now);
      }
    }
    if (!isKid(kid)) return undefined;
    const fetched = this.#fetchIfDue(now, phase === "fresh" || phase === "aging");
    return fetched ? fetched.then(() => this.#answer(kid, this.#now())) : this.#answer(kid, now);
  }

  /** Resolves once there are keys to serve; rejects with the reason that there are not. */
  async ready(): Promise<void> {
    const now = this.#now();
    const phase = this.#phase(now);
    if (phase === "none" || this.#held?.set.keys.size === 0) await this.#fetchIfDue(now, phase !== "none");
    if (this.#phase(this.#now()) === "none") throw this.#unavailable();
    if (this.#held?.set.keys.size === 0) throw this.#unusable(this.#held.set.problems);
  }

  /** Fetches now, whatever is held; rejects if that fails. */
  reload(): Promise<void> {
    // Requests that come before it begins share it: at most one is under way, and one waits.
    this.#reloading ??= this.#reload();
    return this.#reloading;
  }

  async #reload(): Promise<void> {
    // What is under way may have been answered before the change that the caller wants to see.
    do await this.#flight?.done;
    while (this.#flight);
    this.#reloading = undefined;
    if (!this.#signal.aborted) await this.#begin(this.#now());
    if (this.#signal.aborted || this.#failures > 0) throw this.#unavailable();
  }

  /** Answers from what is held. */
  #answer(kid: string, now: number): VerificationKey | undefined {
    const phase = this.#phase(now);
    if (phase === "none") throw this.#unavailable();
    this.#reportSet(phase);
    const key = this.#held?.set.keys.get(kid);
    if (key) return key;
    // It may be in the set that could not be fetched: not "no such key" (J8), and nothing stale vouches for it (J10).
    if (phase === "stale" || this.#failures > 0) throw this.#unavailable();
    const problem = this.#held?.set.unusable.get(kid);
    if (!problem) return undefined;
    if (problem.code === "ERR_KEY_DUPLICATE") {
      throw new AttestationError(problem.code, "The issuer's JWKS has several keys with this kid");
    }
    const { message } = problem;
    throw new AttestationError("ERR_KEY_NOT_FOUND", `The issuer's key with this kid is not used: ${message}`);
  }

  #phase(now: number): Phase {
    const held = this.#held;
    // A clock that went back says nothing about what was fetched ahead of it.
    if (held === undefined || now < held.fetchedAt || this.#signal.aborted) return "none";
    if (now < held.refreshAt) return "fresh";
    if (now < held.freshUntil) return "aging";
    return now < held.freshUntil + this.#options.staleIfError ? "stale" : "none";
  }

  /** The fetch under way (J5), or a new one unless it is too early: after a failure (J7), or for an unknown kid (J6). */
  #fetchIfDue(now: number, forUnknownKid: boolean): Promise<void> | undefined {
    const { cooldown } = this.#options;
    if (this.#flight && now < this.#flight.lostAt) return this.#flight.done;
    if (isWithin(now, this.#failedAt, this.#backOff)) return undefined;
    if (forUnknownKid && isWithin(now, this.#attemptedAt, cooldown)) return undefined;
    if (this.#signal.aborted) return undefined;
    return this.#begin(now);
  }

  #begin(now: number): Promise<void> {
    this.#attemptedAt = now;
    const flight: Flight = {
      lostAt: now + Math.ceil(this.#options.timeoutMs / 1000) + 2,
      // Begun when this is its turn, so that nothing it calls finds no flight under way.
      done: Promise.resolve()
        .then(() => this.#fetch(now, () => this.#flight === flight))
        .finally(() => {
          if (this.#flight === flight) this.#flight = undefined;
        }),
    };
    this.#flight = flight;
    return flight.done;
  }

  /** Fetches once. Never rejects: whether there are keys is asked afterwards. */
  async #fetch(now: number, isCurrent: () => boolean): Promise<void> {
    const started = performance.now();
    const { observer } = this.#options;
    const end = begin(observer, { name: "jwks.fetch" });
    const result = await this.#load(now).catch((error: unknown) =>
      error instanceof AttestationError ? error : this.#unavailable(),
    );
    const failed = result instanceof AttestationError;
    const duration = (performance.now() - started) / 1000;
    // One that was given up as lost and comes back all the same is older than what is held (J11).
    const replaced = isCurrent() ? this.#settle(result, Math.floor(now + duration)) : [];
    const code = failed ? result.code : (alarmOf(result.held.set.problems) ?? alarmOf(replaced));
    const event: KeyFetchEvent = {
      type: "key-fetch",
      outcome: failed ? "failed" : result.outcome,
      issuer: this.#issuer,
      ...(code && { code }),
      ...(failed && { cause: causeOf(result) }),
      duration,
    };
    end(event);
    notify(observer, event);
  }

  async #load(now: number): Promise<{ held: Held; outcome: "fetched" | "not-modified" }> {
    const { client, timeoutMs, maxBytes, maxKeys, cacheTtl } = this.#options;
    const before = this.#held;
    const document = await fetchDocument({
      fetch: client.fetch,
      url: this.#url,
      timeoutMs,
      maxBytes,
      etag: before?.etag,
      signal: this.#signal,
    });
    const ttl = freshness(document.headers, MIN_TTL, cacheTtl);
    const times = {
      fetchedAt: now,
      // Spread, so that the verifiers of an authority do not all come at once.
      refreshAt: now + ttl * (0.7 + 0.2 * Math.random()),
      freshUntil: now + ttl,
    };
    if (!document.modified && before) return { held: { ...before, ...times }, outcome: "not-modified" };
    const set = await readKeySet(document.modified ? document.body : new Uint8Array(), maxKeys);
    const etag = document.headers.get("etag") ?? undefined;
    return { held: { set, etag: etag && etag.length <= MAX_ETAG ? etag : undefined, ...times }, outcome: "fetched" };
  }

  /** Takes up what a fetch came to. @returns Kids that name another key than before. */
  #settle(result: { held: Held } | AttestationError, now: number): readonly KeyProblem[] {
    let replaced: readonly KeyProblem[] = [];
    if (result instanceof AttestationError) {
      this.#problem = result;
      this.#failures++;
      this.#failedAt = now;
      this.#backOff = Math.min(this.#options.cooldown, 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2);
    } else {
      if (this.#held) replaced = replacedKeys(this.#held.set, result.held.set);
      this.#held = result.held;
      this.#failures = 0;
      this.#backOff = 0;
    }
    this.#reportSet(this.#phase(now), replaced);
    return replaced;
  }

  /** Reports what is held, if that differs from the last report, and kids that name another key than before. */
  #reportSet(phase: Phase, replaced: readonly KeyProblem[] = []): void {
    const set = phase === "none" ? undefined : this.#held?.set;
    const known = this.#reported;
    const held = { keys: set?.keys.size ?? 0, stale: phase === "stale", problems: set?.problems ?? [] };
    this.#reported = held;
    const isKnown = known.keys === held.keys && known.stale === held.stale && isSame(known.problems, held.problems);
    if (isKnown && replaced.length === 0) return;
    const problems = gravestFirst([...replaced, ...held.problems]);
    const event: KeySetEvent = { type: "key-set", issuer: this.#issuer, keys: held.keys, stale: held.stale };
    notify(this.#options.observer, problems.length > 0 ? { ...event, problems } : event);
  }

  #unavailable(): AttestationError {
    const cause = this.#problem;
    return new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", `The keys of ${this.#issuer} cannot be fetched`, {
      cause,
    });
  }

  #unusable([problem]: readonly KeyProblem[]): AttestationError {
    const why = problem ? `: ${problem.kid === undefined ? "" : `${problem.kid}: `}${problem.message}` : "";
    return new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", `The JWKS of ${this.#issuer} has no usable key${why}`);
  }

  #now(): number {
    const now = this.#options.clock();
    if (!Number.isFinite(now)) throw new AttestationError("ERR_CLOCK", "The key resolver's clock tells no time");
    return now;
  }
}

/** Whether less than `seconds` have passed since a time. Of a clock that went back, nothing is known. */
function isWithin(now: number, since: number, seconds: number): boolean {
  return now >= since && now < since + seconds;
}

function causeOf(error: AttestationError): KeyFetchCause {
  if (error instanceof FetchFailure) return error.failure;
  return error.code === "ERR_KEY_FORMAT" ? "content" : "other";
}

function isSame(one: readonly KeyProblem[], other: readonly KeyProblem[]): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
