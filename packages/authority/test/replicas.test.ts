import { RedisServer } from "redis-harness";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Asking } from "./asking.ts";
import { AUTHORITY, createPlatform, type Platform } from "./platform.ts";
import { GOOD, Written } from "./written.ts";

let redis: RedisServer;
let platform: Platform;
beforeAll(async () => {
  redis = await RedisServer.start();
  platform = await createPlatform({ iss: "https://issuer.example", sub: "agent-7" }, "ES256");
});
afterAll(() => redis.stop());

it("answer each other's challenges, and accept a token once among them (A3)", async () => {
  const evidence = `  issuer: { oidc: { issuer: "https://issuer.example", audience: "${AUTHORITY}", jwks: ./jwks.json, algorithms: [ES256] } }\n`;
  const rule = `  - name: agent
    evidence: issuer
    subject: agent-7
    attest: { identity: { modelFamily: m, modelVersion: v, provider: p } }
`;
  const shared = `publicUrl: ${AUTHORITY}\nsecrets: [./challenge]\nreplay: { redis: "redis://127.0.0.1:${redis.port}" }\nkeys: { directory: ./keys }\n`;
  const written = await Written.of(GOOD.replace("rules:\n", `${evidence}rules:\n`) + rule + shared);
  await written.write("jwks.json", JSON.stringify(platform.jwks));
  await written.writeSecret("challenge");
  const [one, two] = [await written.run(), await written.run()];
  const agent = await Asking.start();
  const now = Math.floor(Date.now() / 1000);
  const token = await platform.token({ iat: now, exp: now + 300 });
  const post = async (base: URL, path: string, body: object) => {
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(new URL(path, base), { method: "POST", headers, body: JSON.stringify(body) });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
    return { status: response.status, body: (await response.json()) as any };
  };
  const prove = async (base: URL) => {
    const { challenge } = (await post(base, "attestations/challenge", { rule: "agent" })).body;
    return {
      rule: "agent",
      confirmation_key: agent.key.toJwk(),
      possession: await agent.possessionOf(agent.key, challenge),
    };
  };
  const [asked, again] = [await prove(one.url), await prove(two.url)];
  expect((await post(two.url, "attestations", asked)).status).toBe(201);
  expect((await post(one.url, "attestations", asked)).body.error).toBe("challenge_unknown");
  expect((await post(one.url, "attestations", again)).body.error).toBe("evidence_used");
});
