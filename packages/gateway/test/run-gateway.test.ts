import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyPair } from "@attest/core";
import { type RunningGateway, type RunOptions, runGateway } from "@attest/gateway/node";
import { verifyAuditLog } from "@attest/observability";
import { RedisServer } from "redis-harness";
import { beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import {
  answerJson,
  createScene,
  idIn,
  messageOf,
  reasonOf,
  recordingServer,
  request,
  type Scene,
  strange,
} from "./scene.ts";

let scene: Scene;
let folder: string;
beforeAll(async () => {
  scene = await createScene();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "attest-gateway-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  write("keys.json", JSON.stringify(scene.authority.keyResolver.toJwks(scene.authority.issuer)));
});

const path = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFileSync(path(name), text, { mode: 0o600 });
const TRUST = `
trustedIssuers:
  - { issuer: https://authority.example, trustLevel: provider, trustDomains: [example.com], jwks: ./keys.json }
`;
const configuration = (upstream: string, more = "") => `
listen: 127.0.0.1:0
audience: https://server.example/mcp
upstream: { url: "${upstream}" }
${TRUST}${more}`;

async function run(options: RunOptions = {}, file = "gateway.yaml"): Promise<RunningGateway> {
  const running = await runGateway(path(file), options);
  onTestFinished(() => running.close());
  return running;
}

/** The server answers requests; a proof that is older than the process is refused, so the agent waits for the next second. */
async function ask(endpoint: URL | string, method = "tools/list", params?: Record<string, unknown>) {
  const attested = scene.alice.fetch(String(endpoint));
  const { body } = (await scene.alice.post(request(1, method, params))) as { body: string };
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  return messageOf(await attested(String(endpoint), { method: "POST", body, headers }));
}

it("a complete configuration is read, and runs", async () => {
  const { url, received } = await recordingServer();
  write("gateway.json", JSON.stringify(await (await KeyPair.generate({ kid: "gw" })).toPrivateJwk()));
  write("ring-1", `${randomBytes(32).toString("base64url")}\n`);
  write(
    "gateway.yaml",
    `
listen: 127.0.0.1:0
publicUrl: https://bank.example/mcp
audience: https://server.example/mcp
${TRUST}
policy: required
instances: single
secrets: { ring: [./ring-1] }
proofWindow: 60
clockTolerance: 30
requiredClaims: []
upstream:
  url: ${url}
  audience: https://bank.internal/mcp
  timeout: 300
  idle: 3600
  fields: [X-Request-Id]
  authorization: pass
assertion: { issuer: https://gateway.example, key: ./gateway.json, alg: EdDSA }
demands:
  tools:
    transfer:
      minTrustLevel: provider
      issuer: https://other.example
      subject: spiffe://example.com/model/*
      claims: { /attestation_metadata/safety_level: [standard, enhanced] }
    admin*: { deny: true }
  resources: { "vault://*": { minTrustLevel: provider } }
  prompts: {}
hideUnmet: true
limits: { body: 4MiB, streams: 1000, streamsPerAgent: 16, sessions: 100000, answer: 16MiB }
cors: { origins: [https://app.example] }
drain: 10
admin: { listen: 127.0.0.1:0 }
audit: { file: ./audit.jsonl }
`,
  );
  const running = await run();
  const endpoint = new URL("mcp", running.url);
  expect((await ask(endpoint)).result).toEqual({});
  expect(received[0]?.headers["agent-attestation-verified"]).toBeDefined();
  expect(reasonOf(await ask(endpoint, "tools/call", { name: "admin-1" }))).toBe("attestation_claims_insufficient");
  const strangers = await fetch(endpoint, {
    ...strange(request(1, "tools/list")),
    headers: { "Content-Type": "application/json", Origin: "https://app.example" },
  });
  expect(reasonOf(await messageOf(strangers))).toBe("attestation_required");
  expect(strangers.headers.get("access-control-allow-origin")).toBe("https://app.example");
  const preflight = await fetch(endpoint, {
    method: "OPTIONS",
    headers: { Origin: "https://app.example", "Access-Control-Request-Headers": "mcp-param-region, x-evil" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toMatch(/Agent-Attestation-Proof, mcp-param-region$/);
  const other = await fetch(endpoint, { method: "OPTIONS", headers: { Origin: "https://evil.example" } });
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
  const admin = async (page: string) => (await fetch(new URL(page, running.adminUrl))).text();
  expect(await admin("/ready")).toBe('{"status":"ready"}');
  expect(JSON.parse(await admin("/jwks")).keys).toMatchObject([{ kid: "gw", crv: "Ed25519" }]);
  expect(await admin("/metrics")).toContain("attestation_");
  await running.close();
  const lines = readFileSync(path("audit.jsonl"), "utf8").split("\n");
  expect(await verifyAuditLog(lines)).toMatchObject({ valid: true });
  const events = lines.filter(Boolean).map((line) => JSON.parse(line).event);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "guard",
      action: "forward",
      method: "tools/list",
      subject: "spiffe://example.com/model/alice",
    }),
  );
  expect(events).toContainEqual(expect.objectContaining({ type: "demand", outcome: "refused", target: "admin-1" }));
  expect(events).toContainEqual(
    expect.objectContaining({ type: "guard", action: "reply", reason: "attestation_required" }),
  );
});

it("its audit log goes on where it ended, and a broken one is not continued", async () => {
  const { url } = await recordingServer();
  write("gateway.yaml", configuration(url, "audit: { file: ./audit.jsonl }\n"));
  for (let i = 0; i < 2; i++) {
    const running = await run();
    await ask(new URL("mcp", running.url));
    await running.close();
  }
  const text = readFileSync(path("audit.jsonl"), "utf8");
  expect(await verifyAuditLog(text.split("\n"))).toMatchObject({
    valid: true,
    entries: text.trim().split("\n").length,
  });
  write("audit.jsonl", text.replace("tools/list", "tools/call"));
  await expect(runGateway(path("gateway.yaml"))).rejects.toThrow(
    /audit.file: is no whole audit log from line \d+ on \(altered\)/,
  );
});

it.each([
  ["audience: x", "audience: is missing", (text: string) => text.replace(/audience: .*\n/, "")],
  ["a member that is not known", "colour: is not known here", (text: string) => `${text}colour: red\n`],
  ["a demand", 'tools["a"]', (text: string) => `${text}demands: { tools: { a: { claims: { /x: [] } } } }\n`],
  ["an address", "upstream", (text: string) => text.replace(/url: ".*"/, 'url: "no"')],
  [
    "several processes without a store",
    "instances: multiple needs replay.redis",
    (text: string) => `${text}instances: multiple\n`,
  ],
  [
    "both forms",
    "audience: belongs to a server",
    (text: string) =>
      `${text}servers: { /a: { audience: "https://a.example", upstream: { url: "http://127.0.0.1:1" } } }\n`,
  ],
  [
    "keys",
    "keys.json: ",
    (text: string) => {
      write("keys.json", '{"keys":[{"kty":"OKP"}]}');
      return text;
    },
  ],
  [
    "the key of assertions",
    "assertion.key",
    (text: string) => `${text}assertion: { issuer: "https://g.example", key: ./none }\n`,
  ],
  ["a size", "limits.body", (text: string) => `${text}limits: { body: 4 megabytes }\n`],
])("names what is wrong: %s", async (_, told, change) => {
  write("gateway.yaml", change(configuration("http://127.0.0.1:1/mcp")));
  const error = await runGateway(path("gateway.yaml")).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "ConfigurationError" });
  expect((error as Error).message.replace("demands.tools.a", 'tools["a"]')).toContain(told);
});

it("serves several servers by path, and what is for one is refused at another (M5)", async () => {
  const [a, b] = [await recordingServer(), await recordingServer()];
  write(
    "gateway.yaml",
    `
listen: 127.0.0.1:0
servers:
  /a: { audience: "https://server.example/mcp", publicUrl: "https://x.example/a", upstream: { url: "${a.url}" } }
  /b: { audience: "https://other.example/mcp", publicUrl: "https://x.example/b", upstream: { url: "${b.url}" } }
${TRUST}`,
  );
  const running = await run();
  expect((await ask(new URL("a", running.url))).result).toEqual({});
  expect(reasonOf(await ask(new URL("b", running.url)))).toBe("attestation_proof_invalid");
  expect((await fetch(new URL("c", running.url))).status).toBe(404);
  expect([a.received.length, b.received.length]).toEqual([1, 0]);
});

it("takes no session of one server for one of another that gives the same ids (M1, M5, SPEC-22.13)", async () => {
  const [a, b] = await Promise.all(
    [1, 2].map(() =>
      recordingServer((res, { body }) =>
        answerJson(res, { result: {}, ...idIn(body) }, { "Mcp-Session-Id": "session-1" }),
      ),
    ),
  );
  write("ring", randomBytes(32).toString("base64url"));
  const other = "https://other.example/mcp";
  write(
    "gateway.yaml",
    `
listen: 127.0.0.1:0
secrets: { ring: [./ring] }
servers:
  /a: { audience: "https://server.example/mcp", upstream: { url: "${a?.url}" } }
  /b: { audience: "${other}", upstream: { url: "${b?.url}" } }
${TRUST}`,
  );
  const running = await run();
  const [endpointA, endpointB] = [new URL("a", running.url), new URL("b", running.url)];
  const initialize = request(0, "initialize", { capabilities: {} });
  const opened = await fetch(endpointA, await scene.alice.post(initialize));
  const sessionId = opened.headers.get("mcp-session-id") ?? "";
  await fetch(endpointB, await scene.mallory.post(initialize, { audience: other }));
  const before = b?.received.length;
  for (const sent of [
    await scene.alice.post(request(1, "tools/list"), { sessionId, audience: other }),
    await scene.alice.bodiless("GET", { sessionId, audience: other }),
    await scene.alice.bodiless("DELETE", { sessionId, audience: other }),
  ]) {
    expect((await fetch(endpointB, sent)).headers.get("agent-attestation-error")).toBe("attestation_invalid");
  }
  expect(b?.received.length).toBe(before);
  const own = await scene.alice.post(request(2, "tools/list"), { sessionId });
  expect((await messageOf(await fetch(endpointA, own))).result).toEqual({});
});

it("reads its configuration again: sessions and what was used stay, streams are told, a faulty one changes nothing", async () => {
  const { url } = await recordingServer((res, { body, method }) => {
    if (method === "GET") return void res.writeHead(200, { "Content-Type": "text/event-stream" }).write(": open\n\n");
    answerJson(res, { result: {}, ...idIn(body) }, { "Mcp-Session-Id": "up-1" });
  });
  write("gateway.yaml", configuration(url));
  const running = await run();
  const endpoint = String(new URL("mcp", running.url));
  const initialize = await scene.alice.fetch(endpoint)(
    endpoint,
    strange(request(0, "initialize", { capabilities: {} })),
  );
  const sessionId = initialize.headers.get("mcp-session-id") ?? "";
  const used = await scene.alice.post(request(2, "tools/call", { name: "add" }), { sessionId });
  expect((await messageOf(await fetch(endpoint, used))).result).toEqual({});
  const stream = await fetch(endpoint, await scene.alice.bodiless("GET", { sessionId }));
  write("gateway.yaml", configuration(url, "demands: { tools: { add: { deny: true } } }\n"));
  await running.reload();
  expect(await stream.text()).toContain("notifications/tools/list_changed");
  expect(reasonOf(await messageOf(await fetch(endpoint, used)))).toBe("attestation_replay");
  const call = await scene.alice.post(request(3, "tools/call", { name: "add" }), { sessionId });
  expect(reasonOf(await messageOf(await fetch(endpoint, call)))).toBe("attestation_claims_insufficient");
  write("gateway.yaml", configuration(url, "demands: { tools: { add: { dny: true } } }\n"));
  await expect(running.reload()).rejects.toThrow(/demands.tools.add.dny/);
  const again = await scene.alice.post(request(4, "tools/call", { name: "add" }), { sessionId });
  expect(reasonOf(await messageOf(await fetch(endpoint, again)))).toBe("attestation_claims_insufficient");
});

it("lets calls under way end when it closes, ends streams, and takes no more", async () => {
  let release: () => void = () => {};
  const { url } = await recordingServer((res, { body, method }) => {
    if (method === "GET") return void res.writeHead(200, { "Content-Type": "text/event-stream" }).write(": open\n\n");
    release = () => answerJson(res, { result: { done: true }, ...idIn(body) });
  });
  write("gateway.yaml", configuration(url));
  const running = await run();
  const endpoint = String(new URL("mcp", running.url));
  const attested = scene.alice.fetch(endpoint);
  const stream = await attested(endpoint, { method: "GET", headers: { Accept: "text/event-stream" } });
  const call = attested(endpoint, strange(request(1, "tools/call", { name: "slow" })));
  await expect.poll(() => release.toString()).toContain("answerJson");
  const closed = running.close();
  expect(await stream.text()).toBe(": open\n\n");
  release();
  expect((await messageOf(await call)).result).toEqual({ done: true });
  await closed;
  await expect(fetch(endpoint)).rejects.toThrow();
});

it("is one of several replicas on Redis: a session goes on at another, and what was used at one is refused at the other", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const { url } = await recordingServer((res, { body }) =>
    answerJson(res, { result: {}, ...idIn(body) }, { "Mcp-Session-Id": "up-1" }),
  );
  write("ring", randomBytes(32).toString("base64url"));
  const shared = `instances: multiple\nreplay: { redis: "${redis.url}" }\nsecrets: { ring: [./ring] }\n`;
  write("gateway.yaml", configuration(url, shared));
  const [one, other] = [await run(), await run()];
  const endpoints = [one, other].map((running) => String(new URL("mcp", running.url)));
  const [first = "", second = ""] = endpoints;
  const opened = await fetch(first, await scene.alice.post(request(0, "initialize", { capabilities: {} })));
  const sessionId = opened.headers.get("mcp-session-id") ?? "";
  const call = await scene.alice.post(request(1, "tools/list"), { sessionId });
  expect((await messageOf(await fetch(second, call))).result).toEqual({});
  expect(reasonOf(await messageOf(await fetch(first, call)))).toBe("attestation_replay");
  const stolen = await scene.mallory.post(request(2, "tools/list"), { sessionId });
  expect(reasonOf(await messageOf(await fetch(second, stolen)))).toBe("attestation_invalid");
});
