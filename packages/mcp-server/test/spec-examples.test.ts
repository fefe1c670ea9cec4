import { readFileSync } from "node:fs";
import { InMemoryKeyResolver, InMemoryReplayCache } from "@attest/core";
import { AttestationGuard } from "@attest/mcp-server";
import { beforeEach, describe, expect, it } from "vitest";

const examples = JSON.parse(readFileSync(new URL("../../../spec/examples.json", import.meta.url), "utf8"));
const { call, response, post, initialize, audience, issuer, refusals, nested, delegation } = examples;

let now: number;
let guard: AttestationGuard;
beforeEach(async () => {
  now = examples.now;
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(issuer, examples.authorityKey);
  await keyResolver.addKey(nested.issuer, nested.authorityKey);
  guard = new AttestationGuard({
    trustedIssuers: [
      { issuer, trustLevel: "provider", trustDomains: [examples.trustDomain] },
      { issuer: nested.issuer, trustLevel: "enterprise", trustDomains: [nested.trustDomain], nested: true },
    ],
    keyResolver,
    audience,
    allowBearer: true,
    maxDelegationDepth: 1,
    clock: () => now,
    // Of a process that had been running for a minute.
    replayCache: new InMemoryReplayCache({ clock: () => now - 60 }),
  });
});

const httpOf = ({ method, body, fields }: typeof post) => ({
  method: method as string,
  body: new TextEncoder().encode(body),
  attestation: fields["Agent-Attestation"] as string,
  proof: fields["Agent-Attestation-Proof"] as string,
  sessionId: fields["Mcp-Session-Id"] as string,
  authorization: fields["Authorization"] as string,
});

describe("the worked examples of the specification, at a guard", () => {
  it.each([
    ["a request that carries its credentials (SPEC-4.1)", () => guard.check(call)],
    ["a response that carries its credentials (SPEC-4.1)", () => guard.check(response)],
    ["a POST with fields (SPEC-4.2)", () => guard.check(JSON.parse(post.body), undefined, httpOf(post))],
    ["a DELETE with fields (SPEC-4.2)", () => guard.check(undefined, undefined, httpOf(examples.delete))],
    ["initialize with a bearer attestation (SPEC-4.3)", () => guard.check(initialize)],
    ["a call of a sub-agent (SPEC-21.8)", () => guard.check(delegation.call)],
  ])("pass: %s", async (_, check) => {
    expect(await check()).toMatchObject({ action: "forward", attestation: { trustLevel: "provider" } });
  });

  it("pass: a call with a nested attestation, as the enterprise's (SPEC-20.7)", async () => {
    const told = { trustLevel: "enterprise", layers: [{ issuer: nested.issuer }, { issuer }] };
    expect(await guard.check(nested.call)).toMatchObject({ action: "forward", attestation: told });
  });

  it.each(refusals as { title: string; now: number; after?: string; message: object; error: object }[])(
    "are refused as the document says: $title (SPEC-7.1, SPEC-7.2, SPEC-7.3, SPEC-7.4)",
    async ({ now: then, after, message, error }) => {
      now = then;
      if (after) await guard.check(examples[after]);
      const decision = await guard.check(message);
      // To the last member: a refusal that said more would be an oracle.
      expect(decision).toHaveProperty("message", { jsonrpc: "2.0", id: (message as { id: number }).id, error });
    },
  );

  it("refuse a sub-agent as the document says (SPEC-7.1, SPEC-21.9)", async () => {
    const { message, error } = delegation.refused;
    expect(await guard.check(message)).toHaveProperty("message", { jsonrpc: "2.0", id: message.id, error });
  });
});
