import { CAPABILITY, DECLARED_VERSION, EXTENSION, META_STATUS, POLICIES } from "@attest/core";
import { firstWrong, type Probe } from "./probe.ts";

type Json = Readonly<Record<string, unknown>>;
const isPolicy = (value: unknown): boolean => (POLICIES as readonly unknown[]).includes(value);

/** What a server says of attestation, and to whom it is open. */
export const declaringProbes: readonly Probe[] = [
  {
    name: "Serves an attested request, and says that it verified its agent",
    requirements: ["4.2", "7.8"],
    async run(wire) {
      const { status, message, field } = await wire.request("tools/list");
      return firstWrong({
        "status 200": status === 200,
        "a result": message.result !== undefined,
        "Agent-Attestation-Status: verified;trust=provider":
          field("agent-attestation-status") === "verified;trust=provider",
      });
    },
  },
  {
    name: "Declares itself in the result of initialize",
    requirements: ["4.11", "4.32"],
    only: "2025-11-25",
    outside: true,
    async run(wire) {
      const { message } = await wire.initialize();
      const { experimental } = (message.result?.["capabilities"] ?? {}) as { experimental?: Json };
      const declared = (experimental?.[CAPABILITY] ?? {}) as Json;
      return firstWrong({
        [`version ${DECLARED_VERSION.attestation}`]: declared["version"] === DECLARED_VERSION.attestation,
        "a policy": isPolicy(declared["policy"]),
        "a list of required claims": Array.isArray(declared["required_claims"]),
        "verification_status verified": declared["verification_status"] === "verified",
        "trust_level provider": declared["trust_level"] === "provider",
      });
    },
  },
  {
    name: "Declares itself in the answer to server/discover, which is open",
    requirements: ["4.12", "4.14", "4.32"],
    only: "2026-07-28",
    async run(wire) {
      const { message } = await wire.request("server/discover", {}, { attested: false });
      const { extensions } = (message.result?.["capabilities"] ?? {}) as { extensions?: Json };
      const declared = (extensions?.[EXTENSION] ?? {}) as Json;
      return firstWrong({
        "a result without credentials": message.result !== undefined,
        [`version ${DECLARED_VERSION.attestation}`]: declared["version"] === DECLARED_VERSION.attestation,
        "a policy": isPolicy(declared["policy"]),
      });
    },
  },
  {
    name: "Says in a result how it took the agent",
    requirements: ["4.13"],
    only: "2026-07-28",
    async run(wire) {
      const { message } = await wire.request("tools/list");
      const status = ((message.result?.["_meta"] ?? {}) as Json)[META_STATUS] as Json | undefined;
      return firstWrong({
        "verification_status verified": status?.["verification_status"] === "verified",
        "trust_level provider": status?.["trust_level"] === "provider",
      });
    },
  },
  {
    name: "Answers a ping outside a session without credentials",
    requirements: ["4.14"],
    only: "2025-11-25",
    outside: true,
    async run(wire) {
      const { field } = await wire.request("ping", {}, { attested: false });
      return firstWrong({ "no refusal": field("agent-attestation-error") === null });
    },
  },
];
