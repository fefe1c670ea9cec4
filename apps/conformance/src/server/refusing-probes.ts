import { EXTENSION, MISSING_EXTENSION, POLICIES, type Reason } from "@attest/core";
import { firstWrong, type Probe } from "./probe.ts";
import type { Answer } from "./server-wire.ts";

/** What a refusal may say (SPEC §7). */
const MEMBERS = ["extension", "reason", "policy", "retryable", "serverTime", "trustedIssuers", "requiredCapabilities"];
const POLICY_NAMES: readonly unknown[] = POLICIES;

/** How a server refuses. */
export const refusingProbes: readonly Probe[] = [
  {
    name: "Refuses a batch as no message",
    requirements: ["4.16"],
    async run(wire) {
      const one = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
      const { status, message } = await wire.message([one, { ...one, id: 2 }]);
      return firstWrong({ "status 400": status === 400, "error -32600": message.error?.code === -32600 });
    },
  },
  {
    name: "Refuses a body with a byte-order mark as no JSON",
    requirements: ["4.17"],
    async run(wire) {
      const { status, message } = await wire.send('\uFEFF{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
      return firstWrong({ "status 400": status === 400, "error -32700": message.error?.code === -32700 });
    },
  },
  {
    name: "Refuses other HTTP methods with status 405",
    requirements: ["4.18"],
    async run(wire) {
      const { status } = await wire.request("tools/list", {}, { method: "PUT" });
      return firstWrong({ "status 405": status === 405 });
    },
  },
  {
    name: "Refuses what a tool demands in JSON-RPC, not as the tool's text",
    requirements: ["4.24", "5.8", "7.7", "7.8"],
    async run(wire) {
      const attestation = await wire.attestation("minimal");
      const call = { name: "transfer", arguments: { to: "nobody", amount: 1 } };
      const answer = await wire.request("tools/call", call, { attestation });
      return (
        refusalProblem(answer, { reason: "attestation_claims_insufficient", code: -31006, retryable: false }) ??
        firstWrong({
          "Agent-Attestation-Status, as it was verified":
            answer.field("agent-attestation-status") === "verified;trust=provider",
          "no Agent-Attestation-Error": answer.field("agent-attestation-error") === null,
        })
      );
    },
  },
  {
    name: "Refuses a token of another type for a proof, and says no more than section 7 allows",
    requirements: ["7.1", "7.2", "7.5", "7.7"],
    async run(wire) {
      const attestation = await wire.attestation();
      const answer = await wire.request("tools/list", {}, { attestation, proof: attestation });
      const { data = {} } = answer.message.error ?? {};
      return (
        refusalProblem(answer, { reason: "attestation_proof_invalid", code: -31007, retryable: false }) ??
        firstWrong({
          "Agent-Attestation-Error: attestation_proof_invalid":
            answer.field("agent-attestation-error") === "attestation_proof_invalid",
          "no other member of data": Object.keys(data).every((name) => MEMBERS.includes(name)),
          "no part of the credentials": !answer.text.includes(attestation.slice(0, 40)),
          "no local code": !/ERR_/.test(answer.text),
        })
      );
    },
  },
  {
    name: "Says which capability a client lacks that declares nothing",
    requirements: ["7.3"],
    only: "2026-07-28",
    async run(wire) {
      const { status, message } = await wire.request("tools/list", {}, { attested: false, declares: false });
      const { extensions } = (message.error?.data?.["requiredCapabilities"] ?? {}) as { extensions?: object };
      return firstWrong({
        "status 400": status === 400,
        [`error ${MISSING_EXTENSION}`]: message.error?.code === MISSING_EXTENSION,
        "the extension in requiredCapabilities": Object.hasOwn(extensions ?? {}, EXTENSION),
      });
    },
  },
  {
    name: "Tells its time where a proof is too old",
    requirements: ["7.4", "7.7"],
    async run(wire) {
      const now = Math.floor(Date.now() / 1000);
      const answer = await wire.request("tools/list", {}, { provedAt: now - 3600 });
      const told = answer.message.error?.data?.["serverTime"];
      return (
        refusalProblem(answer, { reason: "attestation_expired", code: -31003, retryable: true }) ??
        firstWrong({
          "Agent-Attestation-Error: attestation_expired":
            answer.field("agent-attestation-error") === "attestation_expired",
          "serverTime is a time of today": typeof told === "number" && Math.abs(told - now) < 86_400,
          "Agent-Attestation-Time is the same": answer.field("agent-attestation-time") === String(told),
        })
      );
    },
  },
  {
    name: "Refuses a GET and a notification with status 403 and no body",
    requirements: ["7.6"],
    async run(wire) {
      const get = await wire.send(undefined, { method: "GET", attested: false });
      const notified = await wire.notify("notifications/progress", { attested: false });
      return firstWrong({
        "status 403 for GET": get.status === 403,
        "no body for GET": get.text === "",
        "status 403 for a notification": notified.status === 403,
        "no body for a notification": notified.text === "",
      });
    },
  },
];

interface Refusal {
  readonly reason: Reason;
  readonly code: number;
  readonly retryable: boolean;
}

/** What is wrong with the refusal of a request in a POST. */
function refusalProblem(answer: Answer, { reason, code, retryable }: Refusal): string | undefined {
  const { code: number, data } = answer.message.error ?? {};
  return firstWrong({
    "an error": answer.message.error !== undefined,
    "status 200": answer.status === 200,
    [`reason ${reason}`]: data?.["reason"] === reason,
    [`number ${code}`]: number === code,
    "the extension": data?.["extension"] === EXTENSION,
    "a policy": POLICY_NAMES.includes(data?.["policy"]),
    [`retryable ${retryable}`]: data?.["retryable"] === retryable,
  });
}
