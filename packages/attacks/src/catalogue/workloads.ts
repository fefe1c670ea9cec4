import { KeyPair, type Signer } from "@attest/core";
import type { Attack } from "../attack.ts";
import { signToken } from "../forge/sign-token.ts";
import { type Attempt, planned, presentation } from "../stage/define-attack.ts";
import { bare } from "../stage/forgers.ts";
import type { Scene } from "../stage/scene.ts";
import type { Json } from "../stage/situation.ts";
import { INITIALIZE } from "../targets/envelope.ts";
import type { TrustDomainCredentials } from "../targets/honest-agent.ts";
import type { PresentedCredentials } from "../targets/message.ts";

const workload = {
  needs: ["trust-domain"] as const,
  expected: ["attestation_invalid"] as const,
  never: true,
};

/** What an attacker makes of the tokens of a SPIFFE trust domain. */
export const workloadAttacks: readonly Attack[] = [
  planned(
    {
      ...workload,
      id: "svid-for-another",
      name: "Meant for somebody else",
      category: "confusion",
      threat: "F2",
      attacker: "is a server that a workload sent its JWT-SVID to",
      description: "The JWT-SVID passed on to the target, whose name it does not have, or has among others",
      defence: "a JWT-SVID has one audience, and that is the target's name",
    },
    (scene) => ({
      control: async () => (await opening(scene, "control", await svid(scene))).send(),
      attempts: () =>
        openings(scene, {
          "another audience": svid(scene, { aud: ["https://other.example/mcp"] }),
          "the target among others": svid(scene, { aud: [scene.target.audience, "https://other.example/mcp"] }),
          "no audience": svid(scene, { aud: undefined }),
        }),
    }),
  ),
  planned(
    {
      ...workload,
      id: "svid-replay",
      name: "Used, and used again",
      category: "replay",
      threat: "F5",
      expected: ["attestation_replay"],
      attacker: "has seen a workload's JWT-SVID, which has no identifier of its own",
      description: "A second connection opened with a JWT-SVID that opened one already",
      defence: "a JWT-SVID is used up by what was signed",
    },
    async (scene) => {
      const token = await svid(scene);
      return {
        control: async () => (await opening(scene, "control", token)).send(),
        attempts: async () => [await opening(scene, "the same again", token)],
      };
    },
  ),
  planned(
    {
      ...workload,
      id: "wit-without-proof",
      name: "A name without its key",
      category: "proof",
      threat: "F3",
      expected: ["attestation_proof_invalid"],
      attacker: "has seen a workload's WIT, and does not have its key",
      description: "The WIT alone, and with a proof by the attacker's key",
      defence: "a WIT counts with a proof by the key in it",
    },
    async (scene) => {
      const token = await wit(scene, await scene.agent.signer());
      return {
        control: async () => (await proved(scene, "control", token)).send(),
        attempts: async () => [
          await presenting(scene, "no proof", { attestation: token }),
          await proved(scene, "another key's proof", token, await KeyPair.generate()),
        ],
      };
    },
  ),
  planned(
    {
      ...workload,
      id: "wit-as-svid",
      name: "Bound, and called free",
      category: "downgrade",
      threat: "F1",
      attacker: "is a trust domain's issuer that signs a workload's bound token with the type of a free one",
      description: "The claims of a WIT, presented as a JWT-SVID without a proof",
      defence: "a token that is bound to a key is no JWT-SVID, whatever its type says",
    },
    (scene) => ({
      control: async () => (await opening(scene, "control", await svid(scene))).send(),
      attempts: async () => {
        const cnf = { jwk: bare(await scene.agent.signer()) };
        return openings(scene, {
          "`typ` JWT": svid(scene, { cnf }),
          "`typ` JOSE": svid(scene, { cnf }, { typ: "JOSE" }),
          "no `typ`": svid(scene, { cnf }, { typ: undefined }),
        });
      },
    }),
  ),
  planned(
    {
      ...workload,
      id: "bundle-confusion",
      name: "The wrong key of the right bundle",
      category: "confusion",
      threat: "F4",
      attacker: "holds the key of a trust domain's bundle that is for another kind of token",
      description: "A JWT-SVID signed with the key for WITs, and a WIT signed with the key for JWT-SVIDs",
      defence: "a key of a bundle verifies tokens of its own kind only",
    },
    (scene) => ({
      control: async () => (await opening(scene, "control", await svid(scene))).send(),
      attempts: async () => {
        const { svidKey, witKey } = domainOf(scene);
        const bySvidKey = await wit(scene, await scene.agent.signer(), svidKey);
        return [
          await opening(scene, "a JWT-SVID by the key for WITs", await svid(scene, {}, {}, witKey)),
          await proved(scene, "a WIT by the key for JWT-SVIDs", bySvidKey),
        ];
      },
    }),
  ),
];

/** A JWT-SVID of the trust domain for the target, with claims and header changed. Each has an identifier of its own. */
function svid(
  scene: Scene,
  claims: Json = {},
  header: Json = {},
  key: Signer = domainOf(scene).svidKey,
): Promise<string> {
  const now = Math.floor(scene.agent.clock());
  const { target } = scene;
  const honest = { aud: [target.audience], exp: now + 300, iat: now, jti: crypto.randomUUID(), sub: subjectIn(scene) };
  return signed(key, { typ: "JWT", ...header }, { ...honest, ...claims });
}

/** A WIT of the trust domain for a key. */
function wit(scene: Scene, holder: Signer, key: Signer = domainOf(scene).witKey): Promise<string> {
  const now = Math.floor(scene.agent.clock());
  const cnf = { jwk: { ...bare(holder), alg: holder.algorithm } };
  return signed(key, { typ: "wit+jwt" }, { cnf, exp: now + 300, iat: now, sub: subjectIn(scene) });
}

function signed(key: Signer, header: Json, claims: Json): Promise<string> {
  return signToken({ alg: key.algorithm, kid: key.kid, ...header }, claims, (data) => key.sign(data));
}

function subjectIn(scene: Scene): string {
  return `spiffe://${domainOf(scene).name}/workload`;
}

function domainOf(scene: Scene): TrustDomainCredentials {
  const { trustDomain } = scene.agent.means;
  if (!trustDomain) throw new TypeError("The attack did not say that it needs a trust domain");
  return trustDomain;
}

/** The try to open a connection with a token alone. */
async function opening(scene: Scene, label: string, attestation: string): Promise<Attempt> {
  return presentation(label, await scene.occasion(INITIALIZE, { carrier: "bearer" }), { attestation });
}

function openings(scene: Scene, tokens: Readonly<Record<string, Promise<string>>>): Promise<Attempt[]> {
  return Promise.all(Object.entries(tokens).map(async ([label, token]) => opening(scene, label, await token)));
}

/** The try to send a message with a token and a proof by a key. */
async function proved(scene: Scene, label: string, attestation: string, signer?: Signer): Promise<Attempt> {
  const occasion = await scene.occasion();
  const proof = await scene.agent.prove(occasion, attestation, signer ? { signer } : {});
  return presentation(label, occasion, { attestation, proof });
}

async function presenting(scene: Scene, label: string, credentials: PresentedCredentials): Promise<Attempt> {
  return presentation(label, await scene.occasion(), credentials);
}
