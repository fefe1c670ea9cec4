import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { InMemoryReplayCache, systemClock } from "@attest/core";
import { oauthClientAttestation } from "@attest/core/formats/oauth-client-attestation";
import { AttestingAgent } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { expect, it } from "vitest";
import {
  AUDIENCE,
  foreignKey,
  ISSUER,
  signed,
  TRUST_DOMAIN,
  trusting,
  workloadKey,
} from "../../core/test/foreign-authority.ts";
import { attestFromSource, folder, inBand } from "./extension-support.ts";

it("goes through client, guard and command line", async () => {
  const [key, signer] = await Promise.all([foreignKey("ES256", "as-1"), workloadKey()]);
  const now = systemClock();
  const { use: _, kid: __, ...jwk } = { ...signer.toJwk(), alg: signer.algorithm };
  const header = { alg: "ES256", kid: "as-1", typ: "oauth-client-attestation+jwt" };
  const claims = { iss: ISSUER, sub: "client-1", iat: now, exp: now + 300, cnf: { jwk } };
  const source = { getAttestation: () => signed(key, header, claims) };
  const agent = new AttestingAgent({ source, signer, formats: [oauthClientAttestation] });
  const request = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;

  const keys = [key.toJwk("sig")];
  const replayCache = new InMemoryReplayCache();
  const options = { ...trusting(keys, [oauthClientAttestation]), clock: systemClock, replayCache };
  const guard = new AttestationGuard(options);
  const decision = await guard.check(inBand(request, await agent.credentialsFor(AUDIENCE, request)));
  const attestation = { format: "oauth-client-attestation", proof: "signature", subject: "client-1" };
  expect(decision).toMatchObject({ action: "forward", attestation });
  expect(
    await new AttestationGuard(trusting(keys)).check(inBand(request, await agent.credentialsFor(AUDIENCE, request))),
  ).toMatchObject({ action: "reply" });

  const { attestation: token, proof } = await agent.credentialsFor(AUDIENCE, request);
  writeFileSync(join(folder, "keys.json"), JSON.stringify({ keys }));
  const trust = [
    "--jwks",
    join(folder, "keys.json"),
    "--issuer",
    ISSUER,
    "--trust-domain",
    TRUST_DOMAIN,
    "--audience",
    AUDIENCE,
  ];
  const proved = ["--proof", proof, "--method", request.method, "--params", JSON.stringify(request.params)];
  const format = ["--format", "oauth-client-attestation"];
  expect(await attestFromSource(["verify", token, ...trust, ...proved, ...format, "--json"])).toMatchObject(
    attestation,
  );
});
