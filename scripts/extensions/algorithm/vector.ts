import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AttestationIssuer, InMemoryReplayCache, KeyPair } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { expect, it } from "vitest";
import { attestFromSource, folder, inBand } from "./extension-support.ts";

it("goes through client, guard and command line, for agents and for issuers", async () => {
  const { audience, identity, issuer } = await createTestAuthority();
  const [signer, authorityKey] = await Promise.all([
    KeyPair.generate({ algorithm: "ES256K" }),
    KeyPair.generate({ algorithm: "ES256K", kid: "authority" }),
  ]);
  const source = localSource(new AttestationIssuer({ issuer, signer: authorityKey }), identity);
  const agent = new AttestingAgent({ source, signer });
  const request = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;

  const keys = [authorityKey.toJwk()];
  const trusted = {
    issuer,
    trustLevel: "provider",
    trustDomains: ["example.com"],
    algorithms: ["ES256K"],
    keys,
  } as const;
  const guard = new AttestationGuard({ trustedIssuers: [trusted], audience, replayCache: new InMemoryReplayCache() });
  const decision = await guard.check(inBand(request, await agent.credentialsFor(audience, request)));
  expect(decision).toMatchObject({ action: "forward", attestation: { format: "attestation" } });

  const { attestation, proof } = await agent.credentialsFor(audience, request);
  writeFileSync(join(folder, "keys.json"), JSON.stringify({ keys }));
  const trust = [
    "--jwks",
    join(folder, "keys.json"),
    "--issuer",
    issuer,
    "--trust-domain",
    "example.com",
    "--audience",
    audience,
  ];
  const proved = ["--proof", proof, "--method", request.method, "--params", JSON.stringify(request.params)];
  const verified = await attestFromSource(["verify", attestation, ...trust, ...proved, "--alg", "ES256K", "--json"]);
  expect(verified).toMatchObject({ verified: true, proof: "signature" });
  const made = ["keygen", "--alg", "ES256K", "--out", join(folder, "key.json"), "--json"];
  expect(await attestFromSource(made)).toMatchObject({ algorithm: "ES256K" });
});
