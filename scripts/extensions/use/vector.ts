import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest, encodeBase64url, messageDigest, systemClock } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestTransport, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { expect, it } from "vitest";
import { bareInput } from "../../core/src/uses/bare.ts";
import { attestFromSource, folder } from "./extension-support.ts";

it("goes through client, guard and command line", async () => {
  const { agentKey, attestationIssuer, audience, authorityKey, identity, issuer, verifierOptions } =
    await createTestAuthority();
  /** An agent whose proofs are bare signatures. */
  class BareAgent extends AttestingAgent {
    override async credentialsFor(...[aud, request, context]: Parameters<AttestingAgent["credentialsFor"]>) {
      const signed = await super.credentialsFor(aud, request, context);
      if (request.kind === "http") return signed;
      const [jti, iat, tokenHash] = [crypto.randomUUID(), systemClock(), await digest(signed.attestation)];
      const input = bareInput({ jti, iat, aud, tokenHash, digest: (await messageDigest(request)) ?? "" });
      const signature = encodeBase64url(await agentKey.sign(new TextEncoder().encode(input)));
      return { ...signed, proof: `bare~${jti}~${iat}~${signature}` };
    }
  }
  const agent = new BareAgent({ source: localSource(attestationIssuer, identity), signer: agentKey });
  const sent: object[] = [];
  const wire = {
    start: async () => {},
    close: async () => {},
    send: async (message: object) => void sent.push(message),
  };
  const transport = attestTransport(wire, { agent, audience });
  await transport.start();
  await transport.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "transfer" } });

  const guard = new AttestationGuard(verifierOptions);
  expect(sent).toHaveLength(1);
  expect(await guard.check(sent[0])).toMatchObject({ action: "forward", attestation: { proof: "bare" } });
  expect(await guard.check(sent[0])).toMatchObject({ action: "reply" });
  const altered = { ...sent[0], method: "tools/list" };
  expect(await guard.check(altered)).toMatchObject({ action: "reply" });

  const request = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;
  const { attestation, proof } = await agent.credentialsFor(audience, request);
  writeFileSync(join(folder, "keys.json"), JSON.stringify({ keys: [authorityKey.toJwk()] }));
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
  expect(await attestFromSource(["verify", attestation, ...trust, ...proved, "--json"])).toMatchObject({
    proof: "bare",
  });
});
