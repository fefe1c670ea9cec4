/** What the time until a revocation bites is made of. Seconds unless the name says `Ms`. */
export interface RevocationBoundTerms {
  /** From the revocation until the list's server serves it: `publishDelay` of the publisher. Default 0. */
  readonly publishDelay?: number;
  /** Of the list. Default: none, so that `pollInterval` counts. */
  readonly ttl?: number;
  /** `pollInterval` of the verifier's source. */
  readonly pollInterval: number;
  /** `timeoutMs` of that source: how long one fetch may take, in milliseconds. */
  readonly timeoutMs: number;
  /** `staleIfError` of that source: how long past its time a list is used while it cannot be fetched. */
  readonly staleIfError: number;
}

/**
 * Seconds from a revocation at the authority until no verifier accepts the attestation, at most: publish delay +
 * min(`ttl`, poll interval) + fetch deadline + `staleIfError`. Holds for servers that serve the newest list; see the
 * list's `exp` for those that do not.
 */
export function revocationBound(terms: RevocationBoundTerms): number {
  const { publishDelay = 0, ttl = Number.POSITIVE_INFINITY, pollInterval, timeoutMs, staleIfError } = terms;
  return publishDelay + Math.min(ttl, pollInterval) + timeoutMs / 1000 + staleIfError;
}
