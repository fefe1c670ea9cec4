import {
  AttestationIssuer,
  AttestationVerifier,
  createProof,
  HTTP_FIELDS,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
} from "@attest/core";
import { beforeEach, expect, it } from "vitest";
import { attestationEvidence } from "../src/index.ts";
import { type Answer, Asking, aurora } from "./asking.ts";
import { AUTHORITY, START } from "./platform.ts";

const OTHER = "https://models.example";
const ID = "spiffe://example.com/model/aurora-2";
const enterprise = { orgId: "corp", workloadId: "bot", deploymentEnv: "production" };

let asking: Asking;
let provider: AttestationIssuer;
let attestation: string;
beforeEach(async () => {
  const signer = await KeyPair.generate();
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(OTHER, signer.toJwk());
  const clock = () => START;
  provider = new AttestationIssuer({ issuer: OTHER, signer, clock });
  const verifier = new AttestationVerifier({
    audience: AUTHORITY,
    trustedIssuers: [{ issuer: OTHER, trustLevel: "provider", trustDomains: ["example.com"] }],
    keyResolver,
    clock,
    replayCache: new InMemoryReplayCache({ clock: () => START - 60 }),
  });
  const rules = [
    {
      name: "nested",
      evidence: "model",
      default: true,
      subject: ID,
      claims: { "/attestation_metadata/safety_level": "enhanced" },
      attest: { identity: { ...aurora, enterprise }, attestationType: "enterprise", trustDomain: "corp.example" },
    },
  ] as const;
  asking = await Asking.start({
    issuer: "https://corp.example",
    evidence: { model: attestationEvidence(verifier) },
    rules,
  });
  attestation = await attest(asking.key, "enhanced");
});

const attest = (key: KeyPair, safetyLevel: "enhanced" | "standard") =>
  provider.createToken({ identity: aurora, confirmationKey: key.toJwk(), metadata: { safetyLevel } });

async function post(path: string, body: object, signer: KeyPair, held = attestation, changed = body): Promise<Answer> {
  const request = { kind: "http", method: "POST", body: new TextEncoder().encode(JSON.stringify(body)) } as const;
  const proof = await createProof({ attestation: held, signer, audience: AUTHORITY, request, clock: () => START });
  return asking.post(path, changed, "", { [HTTP_FIELDS.attestation]: held, [HTTP_FIELDS.proof]: proof });
}

async function ask(signer: KeyPair, attested: KeyPair, held = attestation): Promise<Answer> {
  const { challenge } = (await post("attestations/challenge", {}, signer, held)).body;
  const possession = await asking.possessionOf(attested, String(challenge));
  return post("attestations", { confirmation_key: attested.toJwk(), possession }, signer, held);
}

it("an agent that another authority attested gets an attestation of this one for the same key", async () => {
  const { status, body } = await ask(asking.key, asking.key);
  expect(status).toBe(201);
  const claims = JSON.parse(Buffer.from(body.attestation.split(".")[1], "base64url").toString());
  expect(claims).toMatchObject({ iss: "https://corp.example", sub: "spiffe://corp.example/model/aurora-2" });
});

it("and for no other key (A2)", async () => {
  const other = await KeyPair.generate();
  expect((await ask(asking.key, other)).body.error).toBe("evidence_for_another_key");
});

it("an attestation without possession of its key is worth nothing (A2)", async () => {
  const thief = await KeyPair.generate();
  expect((await post("attestations/challenge", {}, thief)).body.error).toBe("not_admitted");
  const bare = await asking.post("attestations/challenge", {}, "", { [HTTP_FIELDS.attestation]: attestation });
  expect(bare.status).toBe(401);
});

it("a proof is for one request, and for its body", async () => {
  expect((await post("attestations/challenge", {}, asking.key, attestation, { rule: "nested" })).body.error).toBe(
    "not_admitted",
  );
});

it("the rule's checks hold for what the other authority says", async () => {
  const held = await attest(asking.key, "standard");
  expect((await post("attestations/challenge", {}, asking.key, held)).body.error).toBe("not_admitted");
  expect(asking.records.at(-1)?.because).toContain("/attestation_metadata/safety_level");
});
