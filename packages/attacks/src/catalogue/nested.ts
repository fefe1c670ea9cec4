import { KeyPair } from "@attest/core";
import type { Attack } from "../attack.ts";
import { signToken } from "../forge/sign-token.ts";
import { type AttackSheet, type Attempt, planned } from "../stage/define-attack.ts";
import { within } from "../stage/forgers.ts";
import type { Verdict } from "../stage/judge.ts";
import type { Scene } from "../stage/scene.ts";
import { type Json, Situation } from "../stage/situation.ts";
import type { Answer } from "../targets/answer.ts";

const sheet = { category: "confusion", threat: "N1", needs: ["nested", "authority"] } as const;
const enterprise = "is an enterprise that the target trusts, and attests an agent of its own";

/** Makes the attestation of a provider that is put into the enterprise's. */
type Inner = (s: Situation) => Promise<string>;

/** An attack by an enterprise's attestation, whose control holds the honest agent's own. */
function nesting(
  described: AttackSheet,
  inners: Readonly<Record<string, Inner>>,
  judge?: (answer: Answer) => Verdict | undefined,
): Attack {
  return planned(described, (scene) => ({
    control: () => present(scene, async (s) => s.attestation),
    attempts: () =>
      Object.entries(inners).map(
        ([label, inner]): Attempt => ({ label, send: () => present(scene, inner), ...(judge && { judge }) }),
      ),
  }));
}

/** Presents the enterprise's attestation for the honest agent's key, with an honest proof. */
async function present(scene: Scene, inner: Inner): Promise<Answer> {
  const occasion = await scene.occasion();
  const s = await Situation.of(scene, occasion);
  const { enterprise: own } = scene.agent.means;
  if (!own) throw new TypeError("The attack did not say that it needs an enterprise");
  const { status: _, ...claims } = s.claims;
  const told: Json = {
    ...claims,
    iss: own.issuer,
    sub: `spiffe://${own.trustDomain}/agent/7`,
    jti: crypto.randomUUID(),
  };
  const metadata = { attestation_type: "enterprise", nested_attestation: await inner(s) };
  const header = { ...s.header, alg: own.signer.algorithm, kid: own.signer.kid };
  const attestation = await signToken(header, within(told, "attestation_metadata", metadata), (data) =>
    own.signer.sign(data),
  );
  return occasion.present({ attestation, proof: await s.prove(attestation) });
}

/** Whether the target says of an agent what only a provider that it trusts could have said. */
function judgeLevel({ outcome, trustLevel }: Answer): Verdict | undefined {
  if (outcome !== "served") return undefined;
  if (trustLevel === "provider") return { outcome: "breached", evidence: "the target trusts it as a provider's agent" };
  if (trustLevel === undefined) return { outcome: "inconclusive", evidence: "the target says no trust level" };
  return { outcome: "blocked", intended: true, evidence: `served, as the enterprise's agent (${trustLevel})` };
}

/** What an enterprise can put into its attestations. */
export const nestedAttacks: readonly Attack[] = [
  nesting(
    {
      ...sheet,
      id: "nested-for-another-key",
      name: "Somebody else's model",
      attacker: enterprise,
      description: "An enterprise's attestation that holds a provider's of another agent's key",
      defence: "both attestations are for one key",
      expected: ["attestation_invalid"],
      needs: ["nested", "authority", "issuance"],
    },
    { "another agent's": async (s) => (await s.scene.rival()).attestation },
  ),
  nesting(
    {
      ...sheet,
      id: "nested-for-another-model",
      name: "A better model than one runs",
      attacker: enterprise,
      description: "An enterprise's attestation around a provider's for the same key and another model",
      defence: "both attestations are about one model",
      expected: ["attestation_invalid"],
    },
    {
      "another version": (s) => s.minted({ claims: (c) => within(c, "agent_identity", { model_version: "other-9" }) }),
    },
  ),
  nesting(
    {
      ...sheet,
      id: "nested-expired",
      name: "What a provider once said",
      attacker: enterprise,
      description: "An enterprise's attestation around a provider's that has expired",
      defence: "the times of each layer are its own",
      expected: ["attestation_expired"],
    },
    {
      "an hour ago": (s) =>
        s.minted({ claims: (c) => ({ ...c, iat: s.now - 3900, nbf: s.now - 3900, exp: s.now - 3600 }) }),
    },
  ),
  nesting(
    {
      ...sheet,
      id: "nested-forged",
      name: "A provider's attestation that the attacker signed",
      attacker: enterprise,
      description: "An enterprise's attestation around one in the provider's name that the enterprise signed itself",
      defence: "each layer is signed by its own issuer",
      expected: ["attestation_invalid"],
    },
    { "the enterprise's key": async (s) => s.forged({ signer: await KeyPair.generate() }) },
  ),
  nesting(
    {
      ...sheet,
      id: "nested-of-an-unlisted-issuer",
      name: "A provider that nobody knows",
      attacker: enterprise,
      description: "An enterprise's attestation around one of an issuer that the target does not trust",
      defence: "a layer counts if its issuer is trusted as a provider; else the outer one stands alone",
      expected: [],
    },
    {
      "another issuer": async (s) => s.forged({ claims: (c) => ({ ...c, iss: "https://unlisted.example" }) }),
      "the enterprise itself": (s) => {
        const { issuer = "", signer = s.signer } = s.scene.agent.means.enterprise ?? {};
        const header = (h: Json) => ({ ...h, alg: signer.algorithm, kid: signer.kid });
        return s.forged({ signer, header, claims: (c) => ({ ...c, iss: issuer }) });
      },
    },
    judgeLevel,
  ),
];
