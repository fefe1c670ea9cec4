import type { AttestationErrorCode } from "@attest/core";

/** A request that a client under test sent. */
export interface RecordedRequest {
  /** Path of the URL. */
  readonly path: string;
  readonly method: string;
  /** Whether it had one of the fields of this protocol. */
  readonly hasCredentials: boolean;
  /** What is wrong with the credentials; `undefined` where nothing is. */
  readonly code: AttestationErrorCode | undefined;
  /** `iat` of the proof, where it can be read. */
  readonly provedAt: number | undefined;
  /** The session that it names. */
  readonly sessionId: string | undefined;
  /** The tool that it calls. */
  readonly tool: string | undefined;
}
