import type { AttestationErrorCode } from "@attest/core";
import { type ConformanceCheck, type Outcome, recordCheck } from "../check.ts";
import { requirementOf } from "../requirements.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import { ELSEWHERE } from "./scenario-tools.ts";

/** What a proof breaks that a verifier refuses with one of these codes. All others are about SPEC-4.2. */
const BROKEN_BY: Readonly<Record<string, readonly AttestationErrorCode[]>> = {
  "3.1": [
    "ERR_PROOF_FORMAT",
    "ERR_PROOF_SIZE",
    "ERR_PROOF_ENCODING",
    "ERR_PROOF_JSON",
    "ERR_PROOF_DUPLICATE_MEMBER",
    "ERR_PROOF_HEADER",
    "ERR_PROOF_TYP",
  ],
  "3.2": ["ERR_PROOF_ALG"],
  "3.3": ["ERR_PROOF_SIGNATURE"],
  "3.4": ["ERR_PROOF_CLAIMS"],
  "3.5": ["ERR_REPLAY"],
  "3.6": ["ERR_PROOF_CARRIER"],
  "3.10": ["ERR_PROOF_METHOD", "ERR_PROOF_DIGEST"],
  "3.11": ["ERR_PROOF_SESSION"],
  "3.12": ["ERR_PROOF_ACCESS_TOKEN"],
};
const OF_PROOFS = new Set(Object.values(BROKEN_BY).flat());

/** What must not be sent again once it was refused. */
const ONCE = ["required", "replayed", "proof_invalid", "unavailable", "expired_and_verified"];

/** Judges what a client sent to the scenario's server. */
export function clientChecks(requests: readonly RecordedRequest[]): ConformanceCheck[] {
  const toEndpoint = requests.filter(({ path }) => path !== ELSEWHERE);
  const record = (id: string, name: string, outcome: Outcome) => recordCheck(requirementOf(id), name, outcome);
  return [
    record("4.2", "Each request has the fields, and what they hold is right", credentialsOutcome(toEndpoint)),
    ...Object.keys(BROKEN_BY).map((id) => record(id, "Each proof is right in this", proofOutcome(toEndpoint, id))),
    record("4.8", "Credentials go to the endpoint alone", elsewhereOutcome(requests)),
    record("4.9", "A redirect is not followed with credentials", elsewhereOutcome(requests)),
    record(
      "7.9",
      "What the number of a refusal says decides nothing",
      sentAtMost(toEndpoint, 1, ["invalid_by_another_number"]),
    ),
    record(
      "7.10",
      "What was refused as expired is sent once more at most",
      sentAtMost(toEndpoint, 2, ["expired_always"]),
    ),
    record(
      "7.10",
      "What was refused for another reason, or may have been acted on, is not sent again",
      sentAtMost(toEndpoint, 1, ONCE),
    ),
    record(
      "7.12",
      "A proof after a refusal in its own second is dated after that second",
      sameSecondOutcome(toEndpoint),
    ),
  ];
}

function credentialsOutcome(requests: readonly RecordedRequest[]): Outcome {
  const wrong = requests.find(({ code }) => code !== undefined && !OF_PROOFS.has(code));
  if (wrong) return { problem: `${shown(wrong)}: ${wrong.code}` };
  return requests.length > 0 ? undefined : { problem: "The client sent nothing", untestable: true };
}

function proofOutcome(requests: readonly RecordedRequest[], id: string): Outcome {
  const wrong = requests.find(({ code }) => code !== undefined && BROKEN_BY[id]?.includes(code));
  if (wrong) return { problem: `${shown(wrong)}: ${wrong.code}` };
  // A proof that is wrong in something else says nothing of this.
  const right = requests.filter(({ code }) => code === undefined);
  if (right.length === 0) return { problem: "No request had a proof that could be judged", untestable: true };
  if (id === "3.11" && right.every(({ sessionId }) => sessionId === undefined)) {
    return { skipped: "The client was in no session" };
  }
  return undefined;
}

function elsewhereOutcome(requests: readonly RecordedRequest[]): Outcome {
  const leaked = requests.find(({ path, hasCredentials }) => path === ELSEWHERE && hasCredentials);
  if (leaked) return { problem: `${shown(leaked)} had credentials` };
  return notCalled(requests, ["redirected"]);
}

function sentAtMost(requests: readonly RecordedRequest[], most: number, tools: readonly string[]): Outcome {
  for (const tool of tools) {
    const times = requests.filter((request) => request.tool === tool).length;
    if (times > most) return { problem: `The call of ${tool} was sent ${times} times` };
  }
  return notCalled(requests, tools);
}

function sameSecondOutcome(requests: readonly RecordedRequest[]): Outcome {
  const [first, second] = requests.filter(({ tool }) => tool === "expired_in_that_second");
  if (!first || second?.provedAt === undefined || first.provedAt === undefined) {
    return notCalled(requests, ["expired_in_that_second"]);
  }
  if (second.provedAt > first.provedAt) return undefined;
  return { problem: `Its proof is dated ${first.provedAt - second.provedAt} seconds before that` };
}

function notCalled(requests: readonly RecordedRequest[], tools: readonly string[]): Outcome {
  const missing = tools.find((name) => !requests.some(({ tool }) => tool === name));
  return missing === undefined ? undefined : { problem: `The client did not call ${missing}`, untestable: true };
}

function shown({ method, path, tool }: RecordedRequest): string {
  return `${method} ${path}${tool === undefined ? "" : ` (${tool})`}`;
}
