import { AttestationError, type KeyFetchCause } from "@attest/core";

/** A fetch that failed, in our own words: what a server or a platform said stays out of it (O1). */
export class FetchFailure extends AttestationError {
  readonly failure: KeyFetchCause;

  constructor(failure: KeyFetchCause, problem: string) {
    super("ERR_KEY_SOURCE_UNAVAILABLE", `The JWKS endpoint ${problem}`);
    this.failure = failure;
  }
}

/** Platforms' codes, and names of errors without one, by what they mean. No other is repeated: a `fetch` can throw anything. */
const CODES: readonly (readonly [RegExp, KeyFetchCause])[] = [
  [/^(ENOTFOUND|EAI_[A-Z]{1,16}|ENODATA|ESERVFAIL)$/, "dns"],
  [/^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN)$/, "connection"],
  [/^(EPIPE|EADDRNOTAVAIL|EMFILE|ENFILE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/, "connection"],
  [/^(TimeoutError|ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, "timeout"],
  [/^(EPROTO|ERR_(SSL|TLS|OSSL)_[A-Z0-9_]{1,64})$/, "tls"],
  [/^(CERT_(HAS_EXPIRED|NOT_YET_VALID|REVOKED|UNTRUSTED|REJECTED|CHAIN_TOO_LONG|SIGNATURE_FAILURE))$/, "tls"],
  [/^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED)$/, "tls"],
  [/^(UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|HOSTNAME_MISMATCH)$/, "tls"],
  [/^(HTTPParserError|HPE_[A-Z_]{1,40}|Z_(DATA|BUF)_ERROR|ERR_(BROTLI|_ERROR_FORMAT)[A-Z0-9_]{0,40})$/, "content"],
  [/^UND_ERR_HEADERS_OVERFLOW$/, "size"],
];

const PROBLEMS: Partial<Readonly<Record<KeyFetchCause, string>>> = {
  dns: "has a host name that does not resolve",
  connection: "could not be reached",
  timeout: "did not answer in time",
  tls: "failed the TLS handshake: look at its certificate and at the option `ca`",
  content: "sent something that is not HTTP or cannot be decoded",
  size: "sent more header fields than are read",
};

/** What a `fetch` threw, in our own words: our own failure if it is one or wraps one, or else by a code that is known. */
export function fetchFailureOf(error: unknown): FetchFailure {
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth++) {
    if (each instanceof FetchFailure) return each;
    const { name, code = name } = each as Error & { code?: unknown };
    const word = typeof code === "string" ? code : name;
    const failure = CODES.find(([pattern]) => pattern.test(word))?.[1];
    if (failure) return new FetchFailure(failure, `${PROBLEMS[failure]} (${word})`);
  }
  return new FetchFailure("other", "could not be reached");
}
