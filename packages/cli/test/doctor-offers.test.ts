import type { RequestListener } from "node:http";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { attestNodeHandler } from "@attest/mcp-server";
import { beforeAll, describe, expect, it } from "vitest";
import { type ClientCredentials, delegateTo } from "../src/doctor/credentials.ts";
import { diagnose } from "../src/doctor/diagnose.ts";
import { examine } from "../src/doctor/examine.ts";
import { showDiagnosis } from "../src/doctor/show-diagnosis.ts";
import { createParts, listening, type Settings } from "./misconfigured.ts";

let authority: TestAuthority;
let credentials: Extract<ClientCredentials, { profile: "bound" }>;

beforeAll(async () => {
  authority = await createTestAuthority();
  const { agentKey: signer, audience } = authority;
  credentials = { profile: "bound", attestation: await authority.attest(), signer, audience };
});

async function doctor(url: string, options: { credentials?: ClientCredentials } = {}) {
  return diagnose(await examine(new URL(url), { timeoutMs: 10_000, ...options }));
}

describe("what a server does for credentials that it verified is seen", () => {
  const gated = (settings: Settings) => {
    const { handle, guard } = createParts(authority, settings);
    return listening(attestNodeHandler(handle, guard) as RequestListener);
  };

  it("tickets and chains, where it has them (SPEC-19.9, SPEC-21.10)", async () => {
    const url = await gated({ maxDelegationDepth: 1 });
    const found = await doctor(url, { credentials });
    const advertised = { features: ["tickets", "delegation"] };
    expect(found).toMatchObject({ tickets: 300, chains: true, verdict: "ready", next: [], advertised });
    expect(showDiagnosis(found)).toMatch(/tickets +granted, for 300 s\n.*sub-agents +accepted/);
    const { chains, tickets } = await doctor(url);
    expect([chains, tickets]).toEqual([undefined, undefined]);
  });

  it("neither, where it has none", async () => {
    const found = await doctor(await gated({ signatures: true }), { credentials });
    expect(found).toMatchObject({ tickets: false, chains: false, verdict: "ready", next: [] });
    expect(showDiagnosis(found)).toMatch(/tickets +not granted.*\n.*sub-agents +refused/);
  });

  it("with a chain of one's own, which is not delegated further", async () => {
    const delegated = (await delegateTo(credentials)) ?? credentials;
    const found = await doctor(await gated({ maxDelegationDepth: 1 }), { credentials: delegated });
    expect(found).toMatchObject({ chains: true, verdict: "ready" });
    const refused = await doctor(await gated({}), { credentials: delegated });
    expect(refused).toMatchObject({ verdict: "refused" });
    expect(refused.next.join("\n")).toContain("maxDelegationDepth");
  });

  it("not chains, with an attestation that nobody may delegate", async () => {
    const { agentKey: signer, audience } = authority;
    const attestation = await authority.attest({ maxDelegationDepth: 0 });
    const found = await doctor(await gated({ maxDelegationDepth: 1 }), {
      credentials: { profile: "bound", attestation, signer, audience },
    });
    expect(found).toMatchObject({ tickets: 300, verdict: "ready" });
    expect(found.chains).toBeUndefined();
  });
});

it.each([
  ["of version 0.2.0", { version: "0.2.0" }, true],
  ["that names status lists", { version: "0.2.0", features: ["tickets", "status"] }, false],
  ["that names no status lists", { version: "0.2.0", features: ["tickets"] }, true],
  ["that names no features", { version: "0.2.0", features: [] }, true],
  ["of a version after it", { version: "0.3.0" }, false],
])("a server %s is said not to hear of a revocation by list, if that is so", async (_, words, isDeaf) => {
  const capabilities = { experimental: { "security.attestation": { policy: "required", ...words } } };
  const url = await listening(async (request, response) => {
    const { id } = JSON.parse(Buffer.concat(await request.toArray()).toString() || "{}");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: { capabilities } }));
  });
  const found = await doctor(url);
  expect(found.advertised).toMatchObject(words);
  const shown = showDiagnosis(found);
  expect(shown.includes("no revocation by list reaches it")).toBe(isDeaf);
  const named = "features" in words ? words.features.join(", ") || "none" : undefined;
  expect(/^\s*features +(.*)$/m.exec(shown)?.[1]).toBe(named);
});
