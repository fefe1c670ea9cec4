import type { AttestationContext } from "@attest/core";
import type { CallEnd } from "../call-end.ts";

/** A request as the server behind a gateway gets it. */
export interface UpstreamRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Over when the agent is gone, or has waited long enough. */
  readonly call: CallEnd;
  /** The agent behind it, if one was verified. */
  readonly attestation: AttestationContext | undefined;
}

/** The head of an upstream's answer, and its body as it comes. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Fields, by names in lower case; one that came several times is here several times. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body, if all of it came with the head: a loop over it costs more than what it holds. */
  here?(): readonly Uint8Array[] | undefined;
}

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  readonly bytes: number;
  /** Milliseconds in which the next piece must come. */
  readonly idleMs: number;
  /** Called once a piece has not come in time: it must make the body end. */
  readonly tooLong: () => void;
}

/** A server behind a gateway. */
export interface Upstream {
  /** Sends a request once and resolves to the head of the answer. Rejects if there is none; never sends a request again. */
  send(request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** Sends a request for OAuth's protected-resource metadata. Absent where the upstream has none. */
  metadata?(call: CallEnd): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

/** The value of a field of an answer. */
export function headerOf({ headers }: UpstreamAnswer, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1];
}
