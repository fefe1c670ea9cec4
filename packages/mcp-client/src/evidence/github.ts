import { optionError, refuseUnknownOptions } from "@attest/core";
import type { FetchLike } from "../attest-fetch.ts";
import type { CredentialAsk } from "../http-source.ts";
import { askPlatform, assertEvidenceOptions, audienceFor, type EvidenceOptions, tokenIn } from "./evidence-request.ts";

export type { EvidenceOptions } from "./evidence-request.ts";

/** How a job of GitHub Actions asks for its token. */
export interface GitHubCredentialOptions extends EvidenceOptions {
  /** `ACTIONS_ID_TOKEN_REQUEST_URL` of the job's environment. It is there with `permissions: { id-token: write }`. */
  readonly requestUrl: string;
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN` of the job's environment. */
  readonly requestToken: string;
  /** Sends the request. Default: the platform's `fetch`. */
  readonly fetch?: FetchLike;
}

const PLATFORM = "GitHub Actions";

/**
 * A `credential` for `httpSource`: asks GitHub for a token of the job, for this authority and the agent's key.
 *
 * Source: GitHub Docs, "OpenID Connect reference" (requesting the token with environment variables).
 *
 * @throws AttestationError `ERR_OPTION`; the callback rejects with `ERR_SOURCE_UNAVAILABLE`.
 */
export function githubCredential(options: GitHubCredentialOptions): (ask: CredentialAsk) => Promise<string> {
  refuseUnknownOptions(
    options,
    { audience: true, keyBound: true, requestUrl: true, requestToken: true, fetch: true },
    "a GitHub credential",
  );
  assertEvidenceOptions(options);
  const { requestUrl, requestToken, fetch: send } = options;
  const permission = "the job needs `permissions: { id-token: write }`";
  if (typeof requestUrl !== "string" || !URL.canParse(requestUrl)) {
    throw optionError("requestUrl", `must be ACTIONS_ID_TOKEN_REQUEST_URL: ${permission}`);
  }
  if (typeof requestToken !== "string" || !/^[\x21-\x7e]+$/.test(requestToken)) {
    throw optionError("requestToken", `must be ACTIONS_ID_TOKEN_REQUEST_TOKEN: ${permission}`);
  }
  return async (ask) => {
    const url = new URL(requestUrl);
    url.searchParams.set("audience", audienceFor(options, ask));
    const headers = { Authorization: `Bearer ${requestToken}`, Accept: "application/json; api-version=2.0" };
    const { value } = await askPlatform(PLATFORM, url, { headers, signal: ask.signal }, send);
    return tokenIn(PLATFORM, value);
  };
}
