import type { RuleChecks } from "./rule-checks.ts";

/** What is known of the connection that a request came over. A web-standard `Request` does not say it. */
export interface Connection {
  /** The client's address, by the connection itself or by a proxy that is trusted to name it. Counts failures. */
  readonly address?: string;
  /** The address that opened the connection: the client, or the proxy in front. */
  readonly peerAddress?: string;
  /** The client's certificates, DER, the leaf first: only where the TLS handshake demanded them and verified the chain. */
  readonly certificates?: readonly Uint8Array[];
}

/** What a request presents as evidence. */
export interface Presented {
  /** The credential of `Authorization: Bearer`, or the `subject_token` of a token exchange. */
  readonly credential?: string;
  /** The HTTP method of the request. */
  readonly method: string;
  /** The fields of the request, as they arrived. */
  readonly headers: Headers;
  /** The bytes of its body. */
  readonly body: Uint8Array;
  /** What the server knows of the connection. */
  readonly connection: Connection;
  /** The authority's time, Unix seconds. */
  readonly now: number;
}

/** Evidence that was verified: who the workload is, according to its platform. */
export interface Evidence {
  /** Who it is for the platform: `sub`, a SPIFFE ID, a name. */
  readonly subject: string;
  /** Everything that the platform says. Rules check it by RFC 6901 pointers. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Names this evidence, or the workload where there is no single piece of it. Challenges are bound to it. Not a secret. */
  readonly handle: string;
  /** RFC 7638 thumbprint of the only key that the evidence may have attested. Absent: any key whose possession is proved. */
  readonly keyThumbprint?: string;
  /** What was presented, where a rule may embed it (`nest`): a provider's attestation of `keyThumbprint`, verified (SPEC-20.9). */
  readonly attestation?: string;
  /** Set where the evidence may be used only once. Unix seconds. */
  readonly use?: {
    /** When the platform issued it. */
    readonly issuedAt: number;
    /** When the authority stops accepting it by its own clock, tolerance included. */
    readonly expiresAt: number;
    /** How far the platform's clock may be ahead, seconds. */
    readonly clockTolerance: number;
  };
}

/** Verifies one kind of evidence, of one issuer. */
export interface EvidenceVerifier {
  /** What kind it is, for logs: `kubernetes`. */
  readonly kind: string;
  /** Whether the evidence by itself says who the workload is, so that a rule needs no check. Default false. */
  readonly identifies?: boolean;
  /**
   * Verifies what is presented.
   *
   * @throws EvidenceError if it is refused. An `AttestationError` with `retryable` if that cannot be known now.
   */
  verify(presented: Presented): Promise<Evidence>;
  /**
   * Verifies for a dry run what stands in `credential`, where a request would bring more: a proof, which nobody can make beforehand.
   * Default: `verify`.
   *
   * @throws As `verify`.
   */
  rehearse?(presented: Presented): Promise<Evidence>;
  /** What is wrong with a rule for this kind of evidence, as a sentence without its subject; `undefined` if nothing is. */
  vetRule?(checks: RuleChecks): string | undefined;
  /** Ends fetches and connections. */
  close?(): Promise<void>;
}

/** Why evidence is refused: for the operator's log, never for the caller. Its message repeats nothing of the evidence. */
export class EvidenceError extends Error {
  override readonly name = "EvidenceError";
  /** What kind of refusal it is, for the audit log. A caller is sent less. */
  readonly code: EvidenceErrorCode;

  constructor(code: EvidenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why evidence is refused. */
export type EvidenceErrorCode =
  | "missing"
  | "format"
  | "algorithm"
  | "key"
  | "signature"
  | "issuer"
  | "audience"
  | "expired"
  | "too_old"
  | "claims"
  | "key_binding"
  | "trap";
