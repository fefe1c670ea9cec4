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
  expect(found.decoded?.claims?.agentIdentity).toEqual(authority.identity);
});

it("finds a bearer attestation genuine, and good for whoever has it", async () => {
  expect(await inspect(await authority.attestBearer(), trust)).toMatchObject({ genuine: true, stoppedAt: undefined });
});

it("shows what a tampered one says, and that its signature does not fit (T16)", async () => {
  const found = await inspect(tamper(await authority.attest()), trust);
  expect(found).toMatchObject({ genuine: false, stoppedAt: "signature", code: "ERR_ATTESTATION_SIGNATURE" });
  expect(found.decoded?.claims?.agentIdentity.modelVersion).toBe("example-1-forged");
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
