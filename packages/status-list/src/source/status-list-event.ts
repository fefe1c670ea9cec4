import type { FetchCause } from "@attest/remote-documents";

/** What became of one fetch of a status list. Issuer and URI are configured ones, so they can be labels. Times are Unix seconds. */
export interface StatusListEvent {
  readonly type: "status-list";
  readonly outcome: "fetched" | "not-modified" | "failed";
  readonly issuer: string;
  readonly uri: string;
  /**
   * Why the fetch failed; set exactly where the outcome is `failed`. `outdated`: an older list than one before, or one that
   * has expired. `content`: not a list that can be used; the error's message says why.
   */
  readonly cause?: FetchCause;
  /** The message of the error, where the outcome is `failed`. It repeats nothing that was received. */
  readonly problem?: string;
  /** Of the list that is served from now on; absent if none is. */
  readonly served?: { readonly issuedAt: number; readonly expiresAt: number; readonly size: number };
  /** Whether that list is past its time and serves because it cannot be fetched. */
  readonly stale: boolean;
  /** Seconds, fractional. */
  readonly duration: number;
}
