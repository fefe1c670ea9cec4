import {
  type Advice,
  type AttestationErrorCode,
  type AttestationErrorData,
  EXTENSION,
  errorNumber,
  type Feature,
  HTTP_FIELDS,
  isRetryable,
  MISSING_EXTENSION,
  REFUSAL_MESSAGES,
  type VerifierConfiguration,
  wireReason,
} from "@attest/core";
import { answerableId, type JsonRpcId } from "./json-rpc.ts";

/** What every answer of a server says about that server. */
export interface AnswerOptions {
  /** Of the verifier: its policy and its trusted issuers are what answers name. */
  readonly configuration: VerifierConfiguration;
  /** Whether answers name the trusted issuers. */
  readonly advertiseIssuers: boolean;
  /** `false`: the guard only reports, and marks nothing as verified. */
  readonly enforce: boolean;
  /** The parts of the protocol that declarations name, which nobody decides anything by (SPEC-4.33). */
  readonly features: readonly Feature[];
}

/** A refusal that a peer will be sent: coarse on the wire, precise here (O3). */
export interface Refused {
  /** Why, for the operator. The peer is sent only the reason that it belongs to. */
  readonly code: AttestationErrorCode;
  /** What is sent to the peer next to the reason. */
  readonly advice?: Advice | undefined;
  /** A handler's demand is not met: a guard that only reports refuses this too. Default false. */
  readonly demanded?: boolean;
}

/** The request that was refused. */
export interface RequestFrame {
  readonly id: JsonRpcId;
  readonly method: string;
  /** Stateless, the extension not declared, nothing presented: the client lacks a required extension. */
  readonly lacksExtension: boolean;
}

/** Every refusal that a guard of this process made. */
const refusals = new WeakSet<object>();

/** Whether a message is a refusal that a guard of this process made, and no copy of one. */
export function isRefusal(message: object): boolean {
  return refusals.has(message);
}

/** The JSON-RPC answer that refuses a request (SPEC §7). */
export function refusalMessage(options: AnswerOptions, refused: Refused, frame: RequestFrame): object {
  const { configuration, advertiseIssuers } = options;
  const reason = wireReason(refused.code);
  const missing = frame.lacksExtension && reason === "attestation_required";
  const data: AttestationErrorData & { requiredCapabilities?: object } = {
    extension: EXTENSION,
    reason,
    policy: configuration.policy,
    retryable: isRetryable(reason),
    ...refused.advice,
    ...(advertiseIssuers && { trustedIssuers: [...configuration.issuers.keys()] }),
    ...(missing && { requiredCapabilities: { extensions: { [EXTENSION]: {} } } }),
  };
  const code = missing ? MISSING_EXTENSION : errorNumber(reason, frame.method === "initialize");
  const message = {
    jsonrpc: "2.0",
    id: answerableId(frame.id),
    error: { code, message: REFUSAL_MESSAGES[reason], data },
  };
  refusals.add(message);
  return message;
}

/** The HTTP fields that go with a refusal. */
export function refusalFields({ code, advice }: Refused): Record<string, string> {
  return {
    [HTTP_FIELDS.error]: wireReason(code),
    ...(advice?.serverTime !== undefined && { [HTTP_FIELDS.time]: String(advice.serverTime) }),
  };
}
