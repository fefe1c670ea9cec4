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
import { type FetchCause, type FetchResult, RemoteDocument, type ServedDocument } from "@attest/remote-documents";
import { alarmOf, gravestFirst, type KeySet, replacedKeys } from "./key-set.ts";
import type { ConfiguredSource } from "./key-source.ts";
import type { ResolverConfiguration } from "./resolver-options.ts";

/** What the last event about a set said. */
interface Reported {
  readonly keys: number;
  readonly stale: boolean;
  readonly problems: readonly KeyProblem[];
}

/** The keys of one issuer: a remote document that holds a key set, and the events about it. */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #name: ConfiguredSource["document"];
  readonly #observer: ResolverConfiguration["observer"];
  readonly #document: RemoteDocument<KeySet>;
  /** What was fetched last, whether or not it is still served. */
  #set: KeySet | undefined;
  #reported: Reported = { keys: 0, stale: false, problems: [] };

  /** @throws AttestationError `ERR_OPTION`, naming the option. */
  constructor(issuer: string, source: ConfiguredSource, configuration: ResolverConfiguration) {
    const { document, url, urlOption, accept, read, importKey } = source;
    const { maxKeys, observer, ...lifetime } = configuration;
    this.#issuer = issuer;
    this.#name = document;
    this.#observer = observer;
    this.#document = new RemoteDocument({
      ...lifetime,
      ...{ url, urlOption, accept },
      parse: (body) => read(body, maxKeys, importKey),
      code: "ERR_KEY_SOURCE_UNAVAILABLE",
      source: `The ${document} endpoint`,
      unavailable: `The keys of ${issuer} cannot be fetched`,
      onFetch: () => this.#observeFetch(),
      onServe: (served) => this.#reportSet(served),
    });
  }

  /** As `KeyResolver.resolve`; answers at once whenever it need not wait for a fetch. */
  resolve(kid: string): MaybePromise<VerificationKey | undefined> {
    if (!isKid(kid)) return undefined;
    const found = this.#document.find((set) => set.keys.get(kid));
    if (found instanceof Promise) return found.then((key) => key ?? this.#unused(kid));
    return found ?? this.#unused(kid);
  }

  /** Resolves once there are keys to serve; rejects with the reason that there are none. */
  async ready(): Promise<void> {
    const set = await this.#document.find((held) => (held.keys.size > 0 ? held : undefined));
    if (set) return;
    const [problem] = this.#set?.problems ?? [];
    const why = problem ? `: ${problem.kid === undefined ? "" : `${problem.kid}: `}${problem.message}` : "";
    const message = `The ${this.#name} of ${this.#issuer} has no usable key${why}`;
    throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", message);
  }

  /** Fetches now, whatever is held; rejects if that fails. */
  reload(): Promise<void> {
    return this.#document.reload();
  }

  /** @throws AttestationError if the issuer publishes a key with this kid that must not be used. */
  #unused(kid: string): undefined {
    const problem = this.#set?.unusable.get(kid);
    if (!problem) return undefined;
    if (problem.code === "ERR_KEY_DUPLICATE") {
      throw new AttestationError(problem.code, `The issuer's ${this.#name} has several keys with this kid`);
    }
    const { message } = problem;
    throw new AttestationError("ERR_KEY_NOT_FOUND", `The issuer's key with this kid is not used: ${message}`);
  }

  #observeFetch(): (result: FetchResult<KeySet>) => void {
    const end = begin(this.#observer, { name: "jwks.fetch" });
    return (result) => {
      const replaced = result.served ? this.#reportSet(result.served) : [];
      const failed = result.outcome === "failed";
      const code = failed ? result.error.code : (alarmOf(result.value.problems) ?? alarmOf(replaced));
      const event: KeyFetchEvent = {
        type: "key-fetch",
        outcome: result.outcome,
        issuer: this.#issuer,
        ...(code && { code }),
        ...(failed && { cause: keyFetchCause(result.cause) }),
        duration: result.duration,
      };
      end(event);
      notify(this.#observer, event);
    };
  }

  /**
   * Reports what is served, if that differs from the last report, and kids that name another key than before.
   *
   * @returns Those kids.
   */
  #reportSet({ phase, value: set }: ServedDocument<KeySet>): readonly KeyProblem[] {
    const replaced = set && this.#set && set !== this.#set ? replacedKeys(this.#set, set) : [];
    this.#set = set ?? this.#set;
    const known = this.#reported;
    const served = { keys: set?.keys.size ?? 0, stale: phase === "stale", problems: set?.problems ?? [] };
    this.#reported = served;
    const isKnown =
      known.keys === served.keys && known.stale === served.stale && isSame(known.problems, served.problems);
    if (isKnown && replaced.length === 0) return replaced;
    const problems = gravestFirst([...replaced, ...served.problems]);
    const event: KeySetEvent = { type: "key-set", issuer: this.#issuer, keys: served.keys, stale: served.stale };
    notify(this.#observer, problems.length > 0 ? { ...event, problems } : event);
    return replaced;
  }
}

/** The label of a failed fetch. An outdated bundle counts as content that is of no use. */
function keyFetchCause(cause: FetchCause): KeyFetchCause {
  return cause === "outdated" ? "content" : cause;
}

function isSame(one: readonly KeyProblem[], other: readonly KeyProblem[]): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
