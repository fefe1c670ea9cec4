import type { ProofRequest } from "../jose/digest.ts";
import type { ObservedMessage } from "../observer.ts";
import type { ProofKind } from "../wire/proof-kinds.ts";
import type { Judging, Statement } from "./statement.ts";

/** What a server acts on: a request or notification, or an answer of the client's. */
export type Dispatched = { readonly method: string; readonly params?: unknown } | "response";

/** What a message came with, next to its attestation. */
export type VerificationRequest = {
  /** The proof, as received. */
  readonly proof?: unknown;
  /** The credential of a `Bearer` or `DPoP` `Authorization` header of the same HTTP request. */
  readonly accessToken?: string;
  /** The `Mcp-Session-Id` header of the same HTTP request. */
  readonly sessionId?: string;
  /** Which of the verifier's own names the message came to; a proof for another of them is refused. Default: any of them. */
  readonly audience?: string;
  /**
   * Whether a message that carries its credentials itself came over HTTP, where somebody may have seen it before this
   * process started. Default false; a request of kind `http` always did.
   */
  readonly overHttp?: boolean;
  /**
   * What the server will act on, where the request is of kind `http`: the message in its body as it was parsed, or `response`. What a
   * delegation allows is judged by it. Default: not known, so that a delegation with `allow` is refused.
   */
  readonly dispatched?: Dispatched;
  /** Refuse the message if a MAC stands where its proof's signature would be (SPEC §19). Default false. */
  readonly signature?: boolean;
  /** W3C trace context of the message, for observers only. */
  readonly traceparent?: string;
  /** The `tracestate` that goes with it. */
  readonly tracestate?: string;
  /** What observers learn of the message while it is verified. Nothing is decided by it. */
  readonly observed?: ObservedMessage;
} & ProofRequest;

/** What the checks of a use begin with: a statement that stands, and the message that it came with. */
export interface UseFacts extends Judging {
  readonly statement: Statement;
  readonly request: VerificationRequest | undefined;
  /** What came in the proof's place: what `request.proof` is read as. */
  readonly proofKind: ProofKind;
  /** base64url SHA-256 of the token, where a proof came with it. */
  readonly tokenHash: string | undefined;
}

/** What the checks of a use may establish. */
type Established = "holderKey" | "proof" | "proofClaims" | "macProof" | "proved" | "ticket" | "audience" | "singleUse";

/** What begins the checks of a use, with a place for each fact that they may establish (see `Order`). */
export function beginUse(
  { configuration, now, load, chained }: Judging,
  statement: Statement,
  request: VerificationRequest | undefined,
  proofKind: ProofKind,
  tokenHash: string | undefined,
): UseFacts {
  const facts: Record<keyof UseFacts | Established, unknown> = {
    configuration,
    now,
    load,
    chained,
    statement,
    request,
    proofKind,
    tokenHash,
    holderKey: undefined,
    proof: undefined,
    proofClaims: undefined,
    macProof: undefined,
    proved: undefined,
    ticket: undefined,
    audience: undefined,
    singleUse: undefined,
  };
  return facts as unknown as UseFacts;
}

/** The names under which this message can address the verifier. */
export function audiencesOf({
  configuration,
  request,
}: Pick<UseFacts, "configuration" | "request">): readonly string[] {
  if (request?.audience === undefined) return configuration.audiences;
  return configuration.audiences.filter((audience) => audience === request.audience);
}
