/**
 * Why a fetch failed. A closed set, so it can be a label.
 *
 * `address`: the host is not at a public address. `dns`: its name does not resolve. `connection`: refused, unreachable, or
 * broken off. `tls`: the handshake or the certificate. `timeout`: no whole answer within the deadline. `redirect`: one that
 * is not followed. `status`: any other than 200. `size`: more bytes than allowed. `content`: not HTTP, not decodable, or not
 * what the parser reads. `outdated`: a document that has expired, or is older than one seen before. `closed`: the client was
 * closed. `other`: anything else.
 */
export type FetchCause =
  | "address"
  | "dns"
  | "connection"
  | "tls"
  | "timeout"
  | "redirect"
  | "status"
  | "size"
  | "content"
  | "outdated"
  | "closed"
  | "other";

/**
 * A fetch that failed. The message is the predicate of a sentence whose subject is the source, in our own words: nothing in
 * it comes from a server or a platform (O1).
 */
export class FetchFailure extends Error {
  readonly failure: FetchCause;

  constructor(failure: FetchCause, problem: string) {
    super(problem);
    this.failure = failure;
  }
}

/** More bytes than a document may have. */
export function tooLarge(maxBytes: number): FetchFailure {
  return new FetchFailure("size", `sent more than ${maxBytes} bytes`);
}

/** Codes of platforms, and names of errors without one, by what they mean. Others are not repeated: `fetch` can throw anything. */
const CODES: readonly (readonly [RegExp, FetchCause])[] = [
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

const PROBLEMS: Partial<Readonly<Record<FetchCause, string>>> = {
  dns: "has a host name that does not resolve",
  connection: "could not be reached",
  timeout: "did not answer in time",
  tls: "failed the TLS handshake: look at its certificate and at the option `ca`",
  content: "sent something that is not HTTP or cannot be decoded",
  size: "sent more header fields than are read",
};

/** What a `fetch` threw, as a failure: our own if it is one or wraps one, otherwise by a known code. */
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
