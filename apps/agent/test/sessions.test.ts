import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type AttestationSource, httpSource } from "@attest/mcp-client";
import { type Authority, startAuthority } from "demo-authority";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AUDIENCE, IDENTITY, inheritedEnvironment } from "../src/authority.ts";
import { type HttpServer, startHttpServer } from "../src/http-server.ts";
import { scriptedSession } from "../src/session.ts";

const SECRET = "the-secret-of-the-demo-workload";
const program = fileURLToPath(new URL("../../mcp-server/dist/main.js", import.meta.url));

let authority: Authority;
let source: AttestationSource;
let env: Record<string, string>;
let servers: { v1: HttpServer; v2: HttpServer };

beforeAll(async () => {
  const issuer = "https://models.example";
  const secretSha256 = createHash("sha256").update(SECRET).digest("hex");
  authority = await startAuthority({ issuer, secretSha256, identity: IDENTITY });
  source = httpSource(new URL("attestations", authority.url), { credential: () => SECRET });
  const jwksUri = new URL(".well-known/jwks.json", authority.url).href;
  const settings = {
    audience: AUDIENCE,
    issuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], jwksUri }],
    dangerouslyAllowLocalKeySources: true,
  };
  env = { ...inheritedEnvironment(), ATTEST_SERVER: JSON.stringify(settings) };
  const [v1, v2] = await Promise.all([
    startHttpServer(program, env, { mode: "http-v1" }),
    startHttpServer(program, env, { mode: "http" }),
  ]);
  servers = { v1, v2 };
});

afterAll(async () => {
  await Promise.all([servers.v1.stop(), servers.v2.stop(), authority.close()]);
});

it.each([
  ["v2", "v2"],
  ["v2", "v1"],
  ["v1", "v2"],
  ["v1", "v1"],
] as const)(
  "an agent on the %s SDK, attested by the authority, is served by a bank on the %s SDK",
  async (own, theirs) => {
    const { attestation, calls } = await scriptedSession(servers[theirs].url, source, own);
    expect(attestation).toMatchObject({ status: "verified", trustLevel: "provider" });
    expect(calls.map(({ answer }) => answer)).toEqual([
      "savings, checking (for spiffe://example.com/model/example-1)",
      "25 to savings, by order of example-1 (provider)",
    ]);
  },
);

it.each(["v1", "v2"] as const)("an agent on the %s SDK is served over stdio", async (own) => {
  const target = { command: process.execPath, args: [program, "stdio"], env };
  expect((await scriptedSession(target, source, own)).attestation).toMatchObject({ status: "verified" });
});
