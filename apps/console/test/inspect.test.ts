import { AttestationIssuer, createDelegation, importVerificationKey, KeyPair } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeEach, expect, it } from "vitest";
import type { TrustMaterial } from "../src/shared/feed.ts";
import { inspect, tamper } from "../src/web/inspect.ts";

let authority: TestAuthority;
let trust: TrustMaterial;

beforeEach(async () => {
  authority = await createTestAuthority();
  const { issuer, audience, keyResolver } = authority;
  const { keys } = keyResolver.toJwks(issuer);
  trust = { audience, issuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], keys }] };
});

it("finds a genuine attestation genuine, and of no use to whoever copied it", async () => {
  const found = await inspect(await authority.attest(), trust);
  expect(found).toMatchObject({ genuine: true, stoppedAt: "proof", code: "ERR_PROOF_REQUIRED" });
  expect(found.decoded?.layers[0].claims?.agentIdentity).toEqual(authority.identity);
});

it("finds a bearer attestation genuine, and good for whoever has it", async () => {
  expect(await inspect(await authority.attestBearer(), trust)).toMatchObject({ genuine: true, stoppedAt: undefined });
});

it("shows what a tampered one says, and that its signature does not fit (T16)", async () => {
  const found = await inspect(tamper(await authority.attest()), trust);
  expect(found).toMatchObject({ genuine: false, stoppedAt: "signature", code: "ERR_ATTESTATION_SIGNATURE" });
  expect(found.decoded?.layers[0].claims?.agentIdentity.modelVersion).toBe("example-1-forged");
});

it("says where it stops: nothing, text that is no token, a stranger's issuer, an unpublished key, an old one", async () => {
  const stranger = await createTestAuthority();
  const elsewhere = { ...trust, issuers: trust.issuers.map((one) => ({ ...one, issuer: "https://other.example" })) };
  const old = await createTestAuthority({ clock: () => 1_000_000_000 });
  const { keys } = old.keyResolver.toJwks(old.issuer);
  const trustsOld = { ...trust, issuers: trust.issuers.map((one) => ({ ...one, keys })) };
  const stops = await Promise.all([
    inspect("", trust),
    inspect("hello", trust),
    inspect(await authority.attest(), elsewhere),
    inspect(await stranger.attest(), trust),
    inspect(await old.attest(), trustsOld),
  ]);
  expect(stops.map(({ stoppedAt }) => stoppedAt)).toEqual(["presented", "readable", "issuer", "key", "claims"]);
  expect(stops.every(({ genuine }) => !genuine)).toBe(true);
});

/** The agent's attestation, delegated to a reader, and by that to a helper with an ECDSA key. */
async function delegatedTwice(): Promise<{ chain: string; reader: KeyPair; helper: KeyPair }> {
  const { audience, agentKey: signer } = authority;
  const [reader, helper] = [await KeyPair.generate(), await KeyPair.generate({ algorithm: "ES256" })];
  const allow = { tools: ["list_accounts", "get_*"] };
  const toReader = { confirmationKey: reader.toJwk(), audience, name: "reader", allow };
  const parent = await createDelegation({ parent: await authority.attest(), signer, ...toReader });
  const toHelper = { confirmationKey: helper.toJwk(), audience, name: "helper" };
  return { chain: await createDelegation({ parent, signer: reader, ...toHelper }), reader, helper };
}

it("shows who delegated what to whom in a chain, and verifies every signature in it", async () => {
  const { chain, reader, helper } = await delegatedTwice();
  const found = await inspect(chain, trust);
  expect(found).toMatchObject({ genuine: true, stoppedAt: "proof", code: "ERR_PROOF_SIGNATURE" });
  const [first, second] = await Promise.all([reader, helper].map((key) => importVerificationKey(key.toJwk())));
  expect(found.decoded?.links.map(({ claims, keyThumbprint }) => [claims?.name, claims?.allow, keyThumbprint])).toEqual(
    [
      ["reader", { tools: ["list_accounts", "get_*"] }, first?.thumbprint],
      ["helper", undefined, second?.thumbprint],
    ],
  );
});

it("finds a chain not genuine whose attestation or link was changed, and says where it stops", async () => {
  const { chain } = await delegatedTwice();
  expect(await inspect(tamper(chain), trust)).toMatchObject({ genuine: false, code: "ERR_DELEGATION_PARENT" });
  const [root = "", first = "", second = ""] = chain.split("~");
  const swapped = `${second.slice(0, second.lastIndexOf("."))}${first.slice(first.lastIndexOf("."))}`;
  const forged = await inspect([root, first, swapped].join("~"), trust);
  expect(forged).toMatchObject({ genuine: false, stoppedAt: "signature", code: "ERR_DELEGATION_SIGNATURE" });
  const elsewhere = { ...trust, audience: "https://other.example/mcp" };
  expect(await inspect(chain, elsewhere)).toMatchObject({ genuine: false, code: "ERR_DELEGATION_AUDIENCE" });
  expect(await inspect(`${root}~nothing`, trust)).toMatchObject({ genuine: false, stoppedAt: "claims" });
});

it("shows what each authority says where one statement is nested in another", async () => {
  const signer = await KeyPair.generate();
  const enterprise = new AttestationIssuer({ issuer: "https://sso.corp.example", signer });
  const token = await enterprise.createToken({
    identity: authority.identity,
    subject: "spiffe://corp.example/agent/7",
    confirmationKey: authority.agentKey.toJwk(),
    nested: await authority.attest(),
  });
  const own = { issuer: "https://sso.corp.example", trustLevel: "enterprise", nested: true } as const;
  const both = [...trust.issuers, { ...own, trustDomains: ["corp.example"] as const, keys: [signer.toJwk()] }];
  const found = await inspect(token, { ...trust, issuers: both });
  expect(found).toMatchObject({ genuine: true, code: "ERR_PROOF_REQUIRED" });
  expect(found.decoded?.layers.map(({ claims }) => [claims?.iss, claims?.sub])).toEqual([
    ["https://sso.corp.example", "spiffe://corp.example/agent/7"],
    [authority.issuer, "spiffe://example.com/model/example-1"],
  ]);
});
