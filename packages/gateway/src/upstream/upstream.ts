import type { AttestationContext } from "@attest/core";

/** A request as the server behind a gateway gets it. */
export interface UpstreamRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Aborted when the agent is gone, or has waited long enough. */
  readonly signal: AbortSignal;
  /** The agent behind it, if one was verified. */
  readonly attestation: AttestationContext | undefined;
}

/** The head of an upstream's answer, and its body as it comes. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Fields, by names in lower case; one that came several times is here several times. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: AsyncIterable<Uint8Array>;
}

/** A server behind a gateway. */
export interface Upstream {
  /** Sends a request once and resolves to the head of the answer. Rejects if there is none; never sends a request again. */
  send(request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** Sends a request for OAuth's protected-resource metadata. Absent where the upstream has none. */
  metadata?(signal: AbortSignal): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

/** The value of a field of an answer. */
export function headerOf({ headers }: UpstreamAnswer, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1];
}
