import { optionError } from "../errors.ts";

// The grammar of SPIFFE-ID §2: lower-case trust domain, path segments that are not empty, `.` or `..`, no trailing slash.
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const SEGMENT = /^[A-Za-z0-9._-]+$/;
const WORKLOAD_ID = /^spiffe:\/\/([a-z0-9._-]{1,255})(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;
const MAX_LENGTH = 2048;

/** Whether a text is a SPIFFE trust domain name. */
export function isTrustDomain(text: unknown): text is string {
  return typeof text === "string" && TRUST_DOMAIN.test(text);
}

/** The trust domain of a SPIFFE ID; `undefined` if the text is not a SPIFFE ID of a workload. */
export function trustDomainOf(subject: string): string | undefined {
  return subject.length <= MAX_LENGTH ? WORKLOAD_ID.exec(subject)?.[1] : undefined;
}

/**
 * Builds a SPIFFE ID.
 *
 * @throws AttestationError `ERR_OPTION` naming what the grammar cannot hold.
 */
export function spiffeId(trustDomain: string, segments: readonly string[]): string {
  if (!isTrustDomain(trustDomain)) {
    throw optionError(
      "trustDomain",
      "must be a SPIFFE trust domain: lower-case letters, digits, dots, dashes, underscores",
    );
  }
  if (!segments.every(isSegment)) {
    throw optionError(
      "subject",
      "must be given: the default is made from the model version, which has characters that a SPIFFE ID cannot hold",
    );
  }
  return `spiffe://${trustDomain}/${segments.join("/")}`;
}

function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && segment !== "." && segment !== "..";
}
