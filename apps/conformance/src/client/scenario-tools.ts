import {
  type AttestationErrorData,
  EXTENSION,
  errorNumber,
  HTTP_FIELDS,
  type Reason,
  verifiedStatus,
} from "@attest/core";

/** What the scenario's server knows of a call. */
interface Call {
  /** How often the tool was called, this time included. */
  readonly attempt: number;
  /** `iat` of the call's proof, Unix seconds. */
  readonly provedAt: number;
}

/** Answers a call in the place of the tool; `undefined` lets the tool answer. */
export type ScenarioTool = (call: Call, id: unknown) => Response | undefined;

/** The path to which a call is redirected. */
export const ELSEWHERE = "/elsewhere";

const refusedOnce =
  (reason: Reason, number?: number): ScenarioTool =>
  (_call, id) =>
    refusal(id, reason, number === undefined ? {} : { number });

/** The tools of the scenario's server, by name: each does with a call what a client must bear. */
export const SCENARIO_TOOLS: Readonly<Record<string, ScenarioTool>> = {
  served: () => undefined,
  expired_once: ({ attempt }, id) =>
    attempt > 1 ? undefined : refusal(id, "attestation_expired", { serverTime: now() }),
  expired_always: (_call, id) => refusal(id, "attestation_expired", { serverTime: now() }),
  expired_in_that_second: ({ attempt, provedAt }, id) =>
    attempt > 1 ? undefined : refusal(id, "attestation_expired", { serverTime: provedAt }),
  // With the number of another reason, by which nothing may be decided.
  invalid_by_another_number: refusedOnce("attestation_invalid", -31003),
  required: refusedOnce("attestation_required"),
  replayed: refusedOnce("attestation_replay"),
  proof_invalid: refusedOnce("attestation_proof_invalid"),
  unavailable: refusedOnce("attestation_unavailable"),
  expired_and_verified: (_call, id) =>
    refusal(id, "attestation_expired", {
      serverTime: now(),
      fields: { [HTTP_FIELDS.status]: verifiedStatus("provider") },
    }),
  redirected: () => new Response(null, { status: 307, headers: { Location: ELSEWHERE } }),
};

const now = (): number => Math.floor(Date.now() / 1000);

interface RefusalOptions {
  readonly number?: number;
  readonly serverTime?: number;
  readonly fields?: Readonly<Record<string, string>>;
}

function refusal(id: unknown, reason: Reason, { number, serverTime, fields }: RefusalOptions): Response {
  const data: AttestationErrorData = {
    extension: EXTENSION,
    reason,
    policy: "required",
    retryable:
      reason === "attestation_expired" || reason === "attestation_required" || reason === "attestation_unavailable",
    ...(serverTime !== undefined && { serverTime }),
  };
  const error = { code: number ?? errorNumber(reason, false), message: "Refused by the scenario", data };
  return Response.json(
    { jsonrpc: "2.0", id, error },
    {
      headers: {
        [HTTP_FIELDS.error]: reason,
        ...(serverTime !== undefined && { [HTTP_FIELDS.time]: String(serverTime) }),
        ...fields,
      },
    },
  );
}
