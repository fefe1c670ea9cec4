import type { Attack, AttackCategory } from "../attack.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import type { Scene } from "../stage/scene.ts";
import { INITIALIZE } from "../targets/envelope.ts";

const revoked = {
  category: "replay" as AttackCategory,
  threat: "T21",
  expected: ["attestation_revoked"] as const,
  never: true,
};

/** What was revoked, used after that. */
export const revocationAttacks: readonly Attack[] = [
  planned(
    {
      ...revoked,
      id: "revoked-attestation",
      name: "Revoked, and still here",
      attacker: "is an agent whose attestation was revoked, and was verified before",
      description: "A message with an attestation that the server has accepted before, and that has been revoked since",
      defence: "revocation is asked about for every message, whatever is remembered of the attestation",
      needs: ["issuance", "revocation"],
    },
    async (scene) => {
      const { signer, attestation } = await scene.rival();
      const present = async () => {
        const occasion = await scene.occasion();
        const proof = await scene.agent.prove(occasion, attestation, { signer });
        return presentation("after its revocation", occasion, { attestation, proof });
      };
      return {
        control: async () => (await present()).send(),
        attempts: async () => {
          await scene.agent.means.revoke?.(attestation);
          return [await present()];
        },
      };
    },
  ),
  planned(
    {
      ...revoked,
      id: "bearer-session-after-revocation",
      name: "A session that outlives its agent",
      attacker: "opened a session as an agent of the older kind, whose attestation was then revoked",
      description: "A message in a session that a 0.1.0 attestation opened, after that attestation was revoked",
      defence: "revocation is asked about for every message of the session",
      needs: ["bearer", "revocation", "sessions"],
    },
    async (scene) => {
      const { attestation, sessionId } = await bearerSession(scene);
      const message = { kind: "request", method: "tools/list", params: {} } as const;
      const later = () => scene.occasion(message, { sessionId });
      return {
        control: async () => (await later()).present({}),
        attempts: async () => {
          await scene.agent.means.revoke?.(attestation);
          return [presentation("the next message", await later(), {})];
        },
      };
    },
  ),
];

/** A session that a bearer attestation opened. */
async function bearerSession(scene: Scene): Promise<{ attestation: string; sessionId: string }> {
  const attestation = (await scene.agent.means.attestBearer?.({ audience: scene.target.audience })) ?? "";
  const opening = await scene.occasion(INITIALIZE, { carrier: "bearer" });
  const { sessionId } = await opening.present({ attestation });
  if (sessionId === undefined) throw new TypeError("no session was opened");
  return { attestation, sessionId };
}
