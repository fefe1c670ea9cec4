import { trustDomainOf } from "./spiffe-id.ts";

// `wimse://<trust domain>/<path>`: the trust domain as in a SPIFFE ID, and a path of unreserved characters, sub-delimiters,
// `:` and `@`. Without percent-encoding each identifier has one spelling, which is compared as it is.
const WIMSE_ID = /^wimse:\/\/([a-z0-9._-]{1,255})(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/;
const MAX_LENGTH = 2048;

/**
 * The trust domain of a workload identifier, a SPIFFE ID or a `wimse:` URI (draft-ietf-wimse-identifier-03 §4); `undefined` if
 * the text is neither.
 */
export function workloadTrustDomainOf(subject: string): string | undefined {
  if (subject.length > MAX_LENGTH) return undefined;
  return trustDomainOf(subject) ?? WIMSE_ID.exec(subject)?.[1];
}
