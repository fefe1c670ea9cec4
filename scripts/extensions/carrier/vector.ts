import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AttestationEvent } from "@attest/core";
import { META_PREFIX } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestCompactly, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { expect, it } from "vitest";
import { withCredentials } from "../../attacks/src/targets/envelope.ts";
import { attestFromSource, folder, inBand } from "./extension-support.ts";

it("goes through client, attack suite, guard and command line", async () => {
  const { attestationIssuer, audience, authorityKey, identity, issuer, verifierOptions } = await createTestAuthority();
  const agent = new AttestingAgent({ source: localSource(attestationIssuer, identity) });
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "transfer" } } as const;
  const events: AttestationEvent[] = [];
  const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
  const guard = new AttestationGuard({ ...verifierOptions, observer });
  const message = await attestCompactly(agent, audience, request);
  expect(await guard.check(message)).toMatchObject({ action: "forward", attestation: { proof: "signature" } });
  expect(events).toContainEqual(expect.objectContaining({ type: "guard", carrier: "compact" }));
  // Never two carriers at once.
  const twice = inBand(request, { attestation: "a", proof: "b" });
  const both = {
    ...message,
    params: { ...message.params, _meta: { ...twice.params._meta, ...metaOf(message.params) } },
  };
  expect(await guard.check(both)).toMatchObject({ action: "reply" });

  const covered = { kind: "message", method: request.method, params: request.params } as const;
  const attack = withCredentials({ ...request }, await agent.credentialsFor(audience, covered), "compact");
  expect(await guard.check(attack)).toMatchObject({ action: "forward" });

  const [attestation = "", proof = ""] = String(metaOf(message.params)[`${META_PREFIX}credentials`]).split("~");
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
  const proved = ["--proof", proof, "--method", request.method, "--params", JSON.stringify(message.params)];
  expect(await attestFromSource(["verify", attestation, ...trust, ...proved, "--json"])).toMatchObject({
    verified: true,
  });
});

function metaOf(params: object): Record<string, unknown> {
  return (params as { _meta: Record<string, unknown> })._meta;
}
