import type { Attack } from "../attack.ts";
import { callTool } from "../stage/call-tool.ts";
import { planned, presentation, presented } from "../stage/define-attack.ts";
import { each, minted, proved, selfMade, within } from "../stage/forgers.ts";
import type { Json, Situation } from "../stage/situation.ts";

/** The eight attacks that the reference implementation of the protocol shows. */
export const referenceAttacks: readonly Attack[] = [
  presented(
    {
      id: "model-spoofing",
      name: "Model spoofing",
      category: "forgery",
      threat: "K7",
      attacker: "knows the authority's name and the `kid` of its key, and has a key of its own",
      description: "An attestation for a trusted model in the authority's name, signed with a key of the attacker's",
      defence: "only the authority's own published keys count",
      expected: ["attestation_invalid"],
    },
    {
      "signed by the attacker, under the authority's kid": selfMade(() => ({})),
    },
  ),
  presented(
    {
      id: "provenance-forgery",
      name: "Provenance forgery",
      category: "forgery",
      threat: "T22",
      attacker: "is an authority that the server trusts, for agents of its own",
      description: "A trusted authority attests an agent in the trust domain of somebody else's models",
      defence: "each authority speaks for its own trust domains only",
      expected: ["attestation_invalid"],
      needs: ["authority"],
    },
    {
      "an agent of another trust domain": minted({
        claims: (claims) => ({ ...claims, sub: "spiffe://another-authority.example/model/trusted-1" }),
      }),
    },
  ),
  planned(
    {
      id: "token-replay",
      name: "Token replay",
      category: "replay",
      threat: "R3",
      attacker: "recorded a request of the honest agent on its way",
      description: "The recorded request is sent a second time, the same to the byte",
      defence: "each proof is used once",
      expected: ["attestation_replay"],
    },
    async (scene) => {
      const occasion = await scene.occasion();
      const credentials = await scene.agent.credentialsFor(occasion);
      return {
        control: () => occasion.present(credentials),
        attempts: () => [presentation("the same again", occasion, credentials)],
      };
    },
  ),
  presented(
    {
      id: "token-tampering",
      name: "Token tampering",
      category: "tampering",
      threat: "T16",
      attacker: "holds an honest attestation and the key inside it",
      description: "A claim inside an honest attestation is changed, and its signature left as it was",
      defence: "the signature covers every claim",
      expected: ["attestation_invalid"],
    },
    {
      "another model": (s) => tampered(s, (claims) => within(claims, "agent_identity", { model_version: "trusted-9" })),
      "a longer life": (s) => tampered(s, (claims) => ({ ...claims, exp: Number(claims["exp"]) + 60 })),
      "another subject": (s) => tampered(s, (claims) => ({ ...claims, sub: `${claims["sub"]}-2` })),
    },
  ),
  presented(
    {
      id: "issuer-typosquatting",
      name: "Issuer typosquatting",
      category: "confusion",
      threat: "T14",
      attacker: "runs an authority of its own, whose name looks like a trusted one",
      description: "An attestation of an authority whose name differs from a trusted one by a character",
      defence: "issuers are compared byte for byte",
      expected: ["attestation_issuer_untrusted"],
    },
    each(
      {
        "a character doubled": (issuer) => issuer.replace(/[a-z](?=[^a-z]*$)/, "$&$&"),
        "a slash at the end": (issuer) => `${issuer}/`,
        "another domain behind": (issuer) => `${issuer}.attacker.example`,
        "in capitals": (issuer) => issuer.toUpperCase(),
      } as Record<string, (issuer: string) => string>,
      (alter) => async (s) => {
        // With the authority's own key, where there is one: then nothing but the name is wrong.
        const claims = (c: Json) => ({ ...c, iss: alter(String(c["iss"])) });
        const attestation = await (s.scene.agent.means.authority ? s.minted({ claims }) : s.forged({ claims }));
        return { attestation, proof: await s.prove(attestation) };
      },
    ),
  ),
  presented(
    {
      id: "downgrade",
      name: "Downgrade",
      category: "downgrade",
      threat: "T23",
      attacker: "has nothing",
      description: "The attestation is left out, in the hope that the server serves the unattested too",
      defence: "the policy `required`",
      expected: ["attestation_required"],
      never: true,
    },
    { "nothing presented": async () => ({}) },
  ),
  presented(
    {
      id: "audience-mismatch",
      name: "Audience mismatch",
      category: "confusion",
      threat: "M5",
      attacker: "runs a server that the honest agent calls, and passes on what the agent presents there",
      description: "Credentials that an agent made for another server are presented here",
      defence: "proofs and attestations name their audience",
      expected: ["attestation_proof_invalid", "attestation_invalid"],
    },
    {
      "a proof for another server": proved({ audience: "https://other-server.example/mcp" }),
      "a proof for a path of this server": async (s) => proved({ audience: `${s.scene.target.audience}/` })(s),
    },
  ),
  planned(
    {
      id: "safety-downgrade",
      name: "Safety downgrade",
      category: "downgrade",
      threat: "T23",
      attacker: "is an attested agent that runs with minimal safety",
      description: "A model attested with minimal safety calls what is open only to those that run with more",
      defence: "the operation's own demand",
      expected: ["attestation_claims_insufficient"],
      needs: ["authority", "tool"],
    },
    (scene) => ({
      control: () => callTool(scene, (s) => s.minted({})),
      attempts: () => [
        {
          label: "attested with minimal safety",
          send: () =>
            callTool(scene, (s) =>
              s.minted({ claims: (claims) => within(claims, "attestation_metadata", { safety_level: "minimal" }) }),
            ),
        },
      ],
    }),
  ),
];

async function tampered(s: Situation, change: (claims: Json) => Json): Promise<{ attestation: string; proof: string }> {
  const [, , signature = ""] = s.attestation.split(".");
  const altered = await s.forged({ claims: change });
  const attestation = `${altered.slice(0, altered.lastIndexOf("."))}.${signature}`;
  return { attestation, proof: await s.prove(attestation) };
}
