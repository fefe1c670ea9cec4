import { refuseUnknownOptions } from "@attest/core";
import { type AttestFetchOptions, type AttestingFetch, attestFetch, type FetchLike } from "./attest-fetch.ts";
import type { AttestingAgent } from "./attesting-agent.ts";

/**
 * `attestFetch` in the form of the SDKs' `fetch` middleware: `applyMiddlewares(withAttestation(agent, { … }), …)(fetch)`.
 *
 * Both SDKs' `applyMiddlewares` puts the first middleware next to the network. Give it first: whatever sets
 * `Authorization` or retries must come after it, so that each attempt gets a proof of its own over what is really sent.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function withAttestation(
  agent: AttestingAgent,
  options: Pick<AttestFetchOptions, "audience" | "endpoint">,
): (next: FetchLike) => AttestingFetch {
  refuseUnknownOptions(options, { audience: true, endpoint: true }, "withAttestation");
  const configured = { agent, ...options };
  // A wrong option is refused here, and not when the middleware is applied.
  attestFetch(configured);
  return (next) => attestFetch({ ...configured, fetch: next });
}
