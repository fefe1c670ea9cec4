import {
  type AttestationContext,
  type AttestationVerifier,
  isAbsoluteUri,
  type OptionNames,
  optionError,
  refuseUnknownOptions,
  type VerificationRequest,
  type VerificationResult,
} from "@attest/core";
import type { Answer } from "./answer.ts";
import type { AttackTarget, Channel } from "./attack-target.ts";
import { summaryOf } from "./envelope.ts";
import { type AttackCredentials, HonestAgent } from "./honest-agent.ts";
import type { Message, Occasion, OccasionOptions, PresentedCredentials } from "./message.ts";
import type { Offer } from "./offer.ts";
import { offersOf } from "./offers-of.ts";

/** What is attacked: a verifier in this process. */
export interface VerifierTargetOptions {
  /** Anything that verifies as an `AttestationVerifier` does. */
  readonly verifier: Pick<AttestationVerifier, "verify">;
  /** The verifier's audience: what honest proofs are made for. */
  readonly audience: string;
  /** What the tester has. */
  readonly credentials: AttackCredentials;
  /** The demand of an operation on a verified agent; what it does not admit is refused as `attestation_claims_insufficient`. */
  admit?(agent: AttestationContext): boolean;
}

const OPTIONS: OptionNames<VerifierTargetOptions> = { verifier: true, audience: true, credentials: true, admit: true };

const PROBE: Message = { kind: "request", method: "tools/list", params: {} };
const CALL = { kind: "request", method: "tools/call", params: { name: "probe", arguments: {} } } as const;

/**
 * A target without any wire: each message goes to `verify` with the credentials next to it.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function verifierTarget(options: VerifierTargetOptions): AttackTarget {
  refuseUnknownOptions(options, OPTIONS, "this target");
  const { verifier, audience, credentials, admit } = options;
  if (!isAbsoluteUri(audience)) throw optionError("audience", "must be an absolute URI");
  if (admit !== undefined && typeof admit !== "function") throw optionError("admit", "must be a function");
  if (typeof verifier?.verify !== "function") throw optionError("verifier", "must have a verify function");
  const agent = new HonestAgent(audience, credentials);
  const offers = new Set<Offer>([...offersOf(credentials), ...(admit ? (["tool"] as const) : [])]);

  const present = async (
    message: Message,
    request: VerificationRequest | undefined,
    { attestation }: PresentedCredentials,
  ) => {
    const result = await verifier.verify(attestation, request);
    if (message.kind === "request" && message.method === CALL.method && result.verified && admit && !admit(result)) {
      return answerOf({
        outcome: "refused",
        verified: false,
        trustLevel: "none",
        reason: "attestation_claims_insufficient",
        code: "ERR_DEMAND",
        message: "The agent does not meet the demand of the operation",
        retryable: false,
      });
    }
    return answerOf(result);
  };

  const open = async (): Promise<Channel> => ({
    probe: PROBE,
    compose: () => {
      throw new TypeError("A verifier has no wire");
    },
    prepare: (message = PROBE, { carrier = "in-band", accessToken, sessionId }: OccasionOptions = {}): Occasion => {
      const request = requestFor(message, carrier);
      const alongside = {
        ...(typeof sessionId === "string" && { sessionId }),
        ...(accessToken !== undefined && { accessToken }),
      };
      return {
        summary: summaryOf(message, carrier),
        request,
        ...alongside,
        present: ({ attestation, proof }) => {
          const presented = carrier === "bearer" ? {} : { ...(proof !== undefined && { proof }) };
          return present(message, { ...request, ...alongside, ...presented }, { attestation });
        },
      };
    },
    initialize: () => Promise.reject(new TypeError("A verifier has no connections")),
    sendRaw: () => Promise.reject(new TypeError("A verifier has no wire")),
    close: async () => {},
  });

  return {
    name: "a verifier in this process",
    audience,
    agent,
    ...(admit && { toolCall: CALL }),
    offers: async () => offers,
    open,
    close: async () => {},
  };
}

function requestFor(message: Message, carrier: OccasionOptions["carrier"]): VerificationRequest {
  if (message.kind === "bodiless") return { kind: "http", method: message.method };
  if (message.kind === "response") return { kind: "response", id: message.id, result: message.result };
  if (message.kind === "error") return { kind: "http", method: "POST", body: new Uint8Array() };
  const { method, params } = message;
  return carrier === "headers"
    ? { kind: "http", method: "POST", body: new TextEncoder().encode(JSON.stringify({ method, params })) }
    : { kind: "message", method, params };
}

function answerOf(result: VerificationResult): Answer {
  const text = JSON.stringify({ outcome: result.outcome, trustLevel: result.trustLevel, ...reasonIn(result) });
  if (result.outcome === "refused") return { outcome: "refused", reason: result.reason, code: result.code, text };
  return { outcome: "served", verified: result.verified, text, ...(result.verified && trustLevelOf(result)) };
}

/** What a server would say of it: the highest level of all who speak for the agent (SPEC-20.8). */
function trustLevelOf({ trustLevel, layers = [] }: Partial<AttestationContext>): Pick<Answer, "trustLevel"> {
  const levels = [trustLevel, ...layers.map((layer) => layer.trustLevel)];
  return levels.includes("provider") ? { trustLevel: "provider" } : trustLevel ? { trustLevel } : {};
}

function reasonIn(result: VerificationResult): object {
  return "reason" in result ? { reason: result.reason, code: result.code } : {};
}
