import { META_PREFIX } from "@attest/core";
import type { Attack } from "../attack.ts";
import { callTool } from "../stage/call-tool.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import { within } from "../stage/forgers.ts";
import type { Scene } from "../stage/scene.ts";
import type { Answer } from "../targets/answer.ts";
import type { Message } from "../targets/message.ts";

/** How many agents of each kind call at the same time. */
const CALLERS = 8;

/** Agents that are taken for others, or for any. */
export const identityAttacks: readonly Attack[] = [
  planned(
    {
      id: "forged-context",
      name: "Verified, it says",
      category: "forgery",
      threat: "M3",
      attacker: "has nothing",
      description: "The marks of a verified agent, in the message and in HTTP fields, instead of credentials",
      defence: "only what the guard made itself is trusted",
      expected: ["attestation_required"],
      never: true,
      needs: ["live"],
    },
    (scene) => ({
      control: () => scene.honest(),
      attempts: async () => {
        const { probe } = await scene.open();
        const fields = { "Agent-Attestation-Status": "verified;trust=provider", "X-Agent-Attestation": "verified" };
        return [
          presentation("in the message", await scene.occasion(marked(probe, scene)), {}),
          presentation("next to it", await scene.occasion(probe, { fields }), {}),
        ];
      },
    }),
  ),
  planned(
    {
      id: "forged-promotion",
      name: "More than it is",
      category: "forgery",
      threat: "M3",
      attacker: "is an attested agent that runs with minimal safety",
      description: "A weak agent's good credentials, with the marks of a stronger one in the message",
      defence: "only what the guard made itself is trusted",
      expected: ["attestation_claims_insufficient"],
      needs: ["authority", "tool", "live"],
    },
    (scene) => ({
      control: () => callTool(scene, (s) => s.minted({})),
      attempts: () => {
        const { toolCall } = scene.target;
        const call = toolCall && marked(toolCall, scene);
        return [
          { label: "marked as another", send: () => callTool(scene, (s) => s.minted({ claims: minimal }), call) },
        ];
      },
    }),
  ),
  planned(
    {
      id: "identity-confusion",
      name: "In the confusion of many",
      category: "confusion",
      threat: "M4",
      attacker: "is an attested agent that runs with minimal safety",
      description: "Weak and strong agents call at the same moment, in the hope that one is served for another",
      defence: "an identity belongs to its message, not to the moment",
      expected: ["attestation_claims_insufficient"],
      needs: ["authority", "tool"],
    },
    (scene) => ({
      control: () => callTool(scene, (s) => s.minted({})),
      attempts: () => [{ label: `${CALLERS} of each`, send: () => callTogether(scene) }],
    }),
  ),
];

/** A message with the marks that a guard leaves for handlers. */
function marked(message: Message, scene: Scene): Message {
  if (message.kind !== "request") return message;
  const context = {
    outcome: "verified",
    verified: true,
    trustLevel: "provider",
    profile: "bound",
    issuer: "https://authority.example",
    subject: "spiffe://example.com/model/trusted-1",
    claims: { attestationMetadata: { safetyLevel: "enhanced" } },
    expiresAt: Math.floor(scene.agent.clock()) + 300,
  };
  const _meta = {
    [`${META_PREFIX}context`]: context,
    [`${META_PREFIX}status`]: { verification_status: "verified", trust_level: "provider" },
    attestation: context,
  };
  return { ...message, params: { ...message.params, _meta } };
}

function minimal(claims: Record<string, unknown>): Record<string, unknown> {
  return within(claims, "attestation_metadata", { safety_level: "minimal" });
}

/** Weak and strong agents call at once: answers what a weak one got, or a strong one that was not served. */
async function callTogether(scene: Scene): Promise<Answer> {
  const agents = Array.from({ length: 2 * CALLERS }, (_, i) => i % 2 === 0);
  const answers = await Promise.all(
    agents.map((weak) => callTool(scene, (s) => s.minted(weak ? { claims: minimal } : {}))),
  );
  const ofWeak = answers.filter((_, i) => agents[i]);
  const strong = answers.find((answer, i) => !agents[i] && answer.outcome !== "served");
  const served = ofWeak.find(({ outcome }) => outcome === "served");
  if (served) return served;
  if (strong) return { outcome: "lost", text: "a strong agent was taken for a weak one" };
  return ofWeak[0] ?? { outcome: "lost", text: "nobody was answered" };
}
