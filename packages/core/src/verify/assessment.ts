import type { AttestationClaims } from "../claims/attestation-claims.ts";
import type { Profile } from "../claims/profile.ts";
import type { ProofRequest } from "../jose/digest.ts";
import type { CompactJws } from "../jose/strict-jws.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { ProofClaims } from "./checks/proof-claims.ts";
import type { Refusal } from "./refusal.ts";
import type { TrustedIssuer, VerifierConfiguration } from "./verifier-options.ts";

/** What a message came with, beside its attestation. */
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
  /** W3C trace context of the message, for observers only. */
  readonly traceparent?: string;
  readonly tracestate?: string;
} & ProofRequest;

/** An attestation whose own checks have passed: what may be remembered about it (T21). */
export interface AssessedAttestation {
  readonly profile: Profile;
  readonly issuer: Required<TrustedIssuer>;
  readonly kid: string;
  /** Thumbprint of the key that signed it. */
  readonly issuerKeyThumbprint: string;
  readonly claims: AttestationClaims;
  /** The agent's key, in the bound profile. */
  readonly holderKey: VerificationKey | undefined;
  /** Issuer and subject: whose uses are counted together. */
  readonly agent: string;
}

/**
 * One verification on its way. Each check reads what the ones before it established and may add to it; the order of the
 * checks is what makes the fields definite.
 */
export class Assessment {
  readonly configuration: VerifierConfiguration;
  readonly token: unknown;
  readonly request: VerificationRequest | undefined;
  /** The verifier's time, whole Unix seconds, read once. */
  readonly now: number;
  /** base64url SHA-256 of the attestation, where a proof came with it, and its length is bearable. */
  readonly tokenHash: string | undefined;

  /** How busy the verifier is at any moment, this verification included. */
  readonly load: { readonly verifying: number };

  /** What is remembered of this attestation, if it was verified before. */
  known: AssessedAttestation | undefined;

  jws!: CompactJws;
  profile: Profile | undefined;
  issuer: Required<TrustedIssuer> | undefined;
  key!: VerificationKey;
  claims!: AttestationClaims;
  holderKey: VerificationKey | undefined;
  /** Of the subject, if that is a SPIFFE ID. */
  trustDomain: string | undefined;

  proof!: CompactJws;
  proofClaims!: ProofClaims;
  /** The configured audience that this use is for. */
  audience!: string;

  constructor(
    configuration: VerifierConfiguration,
    token: unknown,
    request: VerificationRequest | undefined,
    now: number,
    tokenHash: string | undefined,
    load: { readonly verifying: number },
  ) {
    this.configuration = configuration;
    this.token = token;
    this.request = request;
    this.now = now;
    this.tokenHash = tokenHash;
    this.load = load;
  }

  /** Takes up what is remembered in the place of what the attestation's own checks would establish. */
  recall(known: AssessedAttestation): void {
    this.known = known;
    this.profile = known.profile;
    this.issuer = known.issuer;
    this.claims = known.claims;
    this.holderKey = known.holderKey;
  }

  /** The names under which this message can address the verifier. */
  get audiences(): readonly string[] {
    const { configuration, request } = this;
    if (request?.audience === undefined) return configuration.audiences;
    return configuration.audiences.filter((audience) => audience === request.audience);
  }

  /** The issuer, which a passed check has set. */
  get trustedIssuer(): Required<TrustedIssuer> {
    if (!this.issuer) throw new TypeError("The issuer is not known before it was checked");
    return this.issuer;
  }

  /** Issuer and subject, after the attestation's own checks. */
  get agent(): string {
    return this.known?.agent ?? `${this.trustedIssuer.issuer} ${this.claims.sub}`;
  }

  /** The agent's key, which a passed check has set. */
  get holder(): VerificationKey {
    if (!this.holderKey) throw new TypeError("The agent's key is not known before it was checked");
    return this.holderKey;
  }
}

/** One rule. Small, without effects save on the assessment, and silent when it holds. */
export type Check = (assessment: Assessment) => MaybePromise<Refusal | undefined>;
