import { AttestationProvider, KeyPair } from "@attest/core";
import type { Attack, AttackTarget } from "./attack.ts";
import {
  type Answer,
  controlled,
  type Holder,
  honestHolder,
  honestInitialize,
  IDENTITY,
  INITIALIZE,
  post,
  proofFor,
} from "./exchange.ts";

/** An attestation made with a key of the attacker's, and the agent key inside it. */
async function forged(provider: AttestationProvider, subject?: string): Promise<Holder> {
  const key = await KeyPair.generate();
  const request = { identity: IDENTITY, confirmationKey: key.toJwk(), ...(subject !== undefined && { subject }) };
  return { key, attestation: await provider.createToken(request) };
}

async function initializeAs(target: AttackTarget, holder: Holder, audience?: string): Promise<Answer> {
  const proof = await proofFor(holder, INITIALIZE, audience === undefined ? {} : { audience });
  return post(target, INITIALIZE, { attestation: holder.attestation, proof });
}

/** Opens a session as this holder and asks for a transfer in it. */
async function transferAs(target: AttackTarget, holder: Holder): Promise<Answer> {
  const { sessionId } = await initializeAs(target, holder);
  const params = { name: "transfer", arguments: { to: "somebody", amount: 1 } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
  const proof = await proofFor(holder, body, { sessionId });
  return post(target, body, { attestation: holder.attestation, proof }, sessionId);
}

/** The eight attacks of the reference implementation, on a live server over HTTP. */
export const attacks: readonly Attack[] = [
  {
    id: "model-spoofing",
    name: "Model spoofing",
    category: "forgery",
    threat: "K7",
    description: "An attestation for a trusted model in the authority's name, signed with a key of the attacker's",
    defence: "only the authority's own published keys count",
    expected: "attestation_invalid",
    run: (target) =>
      controlled(
        () => honestInitialize(target),
        async () => {
          const { issuer } = target.provider;
          const signer = await KeyPair.generate();
          return initializeAs(target, await forged(new AttestationProvider({ issuer, signer })));
        },
      ),
  },
  {
    id: "provenance-forgery",
    name: "Provenance forgery",
    category: "forgery",
    threat: "T22",
    description: "A trusted enterprise attests an agent in the trust domain of somebody else's models",
    defence: "trust domains by issuer",
    expected: "attestation_invalid",
    run: (target) => {
      const enterprise = async (subject?: string): Promise<Answer> => {
        const key = await KeyPair.generate();
        const attestation = await target.enterprise.createToken({
          identity: { ...IDENTITY, provider: "acme" },
          metadata: { attestationType: "enterprise" },
          confirmationKey: key.toJwk(),
          ...(subject !== undefined && { subject }),
        });
        return initializeAs(target, { key, attestation });
      };
      return controlled(
        () => enterprise(),
        () => enterprise("spiffe://example.com/model/example-1"),
      );
    },
  },
  {
    id: "token-replay",
    name: "Token replay",
    category: "replay",
    threat: "R3",
    description: "A request that was recorded on its way is sent a second time, to the byte",
    defence: "each proof is used once",
    expected: "attestation_replay",
    async run(target) {
      const holder = await honestHolder(target);
      const recorded = { attestation: holder.attestation, proof: await proofFor(holder, INITIALIZE) };
      return controlled(
        () => post(target, INITIALIZE, recorded),
        () => post(target, INITIALIZE, recorded),
      );
    },
  },
  {
    id: "token-tampering",
    name: "Token tampering",
    category: "forgery",
    threat: "T16",
    description: "A claim inside an honest attestation is changed",
    defence: "the signature covers every claim",
    expected: "attestation_invalid",
    run: (target) =>
      controlled(
        () => honestInitialize(target),
        async () => {
          const { key, attestation } = await honestHolder(target);
          const [header = "", payload = "", signature = ""] = attestation.split(".");
          const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
          claims.agent_identity.model_version = "example-9";
          const altered = Buffer.from(JSON.stringify(claims)).toString("base64url");
          return initializeAs(target, { key, attestation: [header, altered, signature].join(".") });
        },
      ),
  },
  {
    id: "issuer-typosquatting",
    name: "Issuer typosquatting",
    category: "confusion",
    threat: "T14",
    description: "An authority of the attacker's whose name differs from a trusted one by a character",
    defence: "issuers are compared byte for byte",
    expected: "attestation_issuer_untrusted",
    run: (target) =>
      controlled(
        () => honestInitialize(target),
        async () => {
          const issuer = target.provider.issuer.replace("l", "1");
          return initializeAs(
            target,
            await forged(new AttestationProvider({ issuer, signer: await KeyPair.generate() })),
          );
        },
      ),
  },
  {
    id: "downgrade",
    name: "Downgrade",
    category: "downgrade",
    threat: "T23",
    description: "The attestation is stripped, in the hope that the server serves the unattested too",
    defence: "the policy `required`",
    expected: "attestation_required",
    run: (target) =>
      controlled(
        () => honestInitialize(target),
        () => post(target, INITIALIZE, {}),
      ),
  },
  {
    id: "audience-mismatch",
    name: "Audience mismatch",
    category: "confusion",
    threat: "M5",
    description: "Credentials that an agent made for another server are presented here",
    defence: "proofs name their audience",
    expected: "attestation_proof_invalid",
    run: (target) =>
      controlled(
        () => honestInitialize(target),
        async () => initializeAs(target, await honestHolder(target), "https://other.example/mcp"),
      ),
  },
  {
    id: "safety-downgrade",
    name: "Safety downgrade",
    category: "downgrade",
    threat: "T23",
    description: "A model attested with minimal safety orders a transfer",
    defence: "the tool's own demand",
    expected: "attestation_claims_insufficient",
    run: (target) =>
      controlled(
        async () => transferAs(target, await honestHolder(target)),
        async () => transferAs(target, await honestHolder(target, { safetyLevel: "minimal" })),
      ),
  },
];
