import type { ProblemCode } from "./problem.ts";

/** What an authority did with one request, for its audit log. Holds no secret, and no token. */
export interface AuthorityRecord {
  /** Unix seconds, by the authority's clock. */
  readonly time: number;
  /** What the authority did. */
  readonly outcome: "issued" | "refused" | "revoked" | "reinstated";
  /** Where it was asked. Revocations are asked by the operator. */
  readonly endpoint: "challenge" | "attestations" | "token" | "revocations";
  /** What was sent to the caller. Only where it was refused. */
  readonly problem?: ProblemCode;
  /** What the caller was not told: which check failed, and why. */
  readonly because?: string;
  /** The rule that was asked by, if there is one of that name. */
  readonly rule?: string;
  /** The name of the evidence that the rule demands. */
  readonly evidence?: string;
  /** The kind of that evidence, such as `kubernetes`. */
  readonly kind?: string;
  /** Who the workload is for its platform. The platform's text: for logs, never for labels. */
  readonly subject?: string;
  /** Who is revoked if this workload is to be stopped: `<evidence>/<subject>`. Only with a status list. */
  readonly workload?: string;
  /** The index of the attestation in the status list; of a revocation, all that verifiers refuse by it. */
  readonly statusIndex?: number | readonly number[];
  /** Names the piece of evidence: SHA-256 of a token without its signature, say. */
  readonly handle?: string;
  /** RFC 7638 thumbprint of the key that was attested, or was to be. */
  readonly keyThumbprint?: string;
  /** The server that the attestation is for. Absent where none was asked for. */
  readonly audience?: string;
  /** `exp` of the attestation, Unix seconds. */
  readonly expiresAt?: number;
  /** The client's address, as it is counted. */
  readonly client?: string;
}

/** What is known of a request so far, to be recorded at its end. */
export type RecordDraft = { -readonly [Member in keyof AuthorityRecord]?: AuthorityRecord[Member] };
