import { createHash } from "node:crypto";
import { createDelegation, createProof, KeyPair } from "@attest/core";
import { calculateJwkThumbprint, decodeJwt, importJWK, jwtVerify } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  answerJson,
  createScene,
  type Form,
  idIn,
  type Json,
  messageOf,
  recordingServer,
  request,
  type Scene,
  sendRaw,
  strange,
} from "./scene.ts";

let scene: Scene;
let signer: KeyPair;
beforeAll(async () => {
  scene = await createScene();
  signer = await KeyPair.generate({ kid: "gateway-1" });
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");
const asserting = (url: string) => ({
  signer,
  issuer: "https://gateway.example",
  upstream: { url, audience: "https://bank.internal/mcp" },
});

describe.each<Form>(["node", "fetch"])("what reaches the upstream, as %s", (form) => {
  it("is a body of the gateway's own, without anything of this protocol (G1, G2, SPEC-22.1)", async () => {
    const { url, received } = await recordingServer();
    const endpoint = await scene.gateway(url, {}, form);
    const meta = { "io.github.attest/verified": { sub: "me" }, progressToken: 1, "io.github.attest/x": 1 };
    const sent = `{ "jsonrpc":"2.0", "extra":1, "id":1, "method":"tools/call", "params":{"name":"a","name":"add","_meta":${JSON.stringify(meta)}} }`;
    const response = await fetch(endpoint, await scene.alice.post(sent));
    expect(response.status).toBe(200);
    const params = { name: "add", _meta: { progressToken: 1 } };
    expect(received[0]?.body).toBe(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
  });

  it("has the fields of a closed list, and none that Connection names (G1, SPEC-22.3)", async () => {
    const { url, received } = await recordingServer();
    const upstream = { url, fields: ["X-Request-Id"] };
    const endpoint = await scene.gateway(url, { upstream }, form);
    const headers = {
      Cookie: "a=1",
      Forwarded: "for=1.2.3.4",
      "X-Forwarded-For": "1.2.3.4",
      "X-Anything": "1",
      "X-Request-Id": "r1",
      "Agent-Attestation-Verified": "forged",
      Agent_Attestation_Verified: "forged",
      "Accept-Encoding": "gzip, br",
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      Authorization: "Bearer token-1",
    };
    await fetch(endpoint, await scene.alice.post(request(1, "ping"), { accessToken: "token-1", headers }));
    const names = Object.keys(received[0]?.headers ?? {}).sort();
    const added =
      form === "fetch" ? ["accept-encoding", "accept-language", "sec-fetch-mode", "user-agent"] : ["accept-language"];
    expect(names.filter((name) => !added.includes(name))).toEqual([
      "accept",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
      "traceparent",
      "x-request-id",
    ]);
    expect(received[0]?.headers["accept-encoding"]).toBe(form === "fetch" ? "identity" : undefined);
  });

  it("has nothing that Connection names, and an assertion that does not speak of it (SPEC-22.3, SPEC-22.5)", async () => {
    const { url, received } = await recordingServer();
    const endpoint = new URL(await scene.gateway(url, asserting(url), form));
    const call = request(1, "tools/call", { name: "add", arguments: { region: "eu" } });
    const headers = { "Mcp-Param-Region": "eu", "MCP-Protocol-Version": "2025-11-25" };
    const sent = await scene.alice.post(call, { accessToken: "token-1", headers });
    const named = "close, Authorization, mcp-param-region, MCP-Protocol-Version, traceparent";
    await sendRaw(endpoint, { ...(sent.headers as Record<string, string>), Connection: named }, String(sent.body));
    const { headers: passed } = received[0] ?? {};
    for (const name of ["authorization", "mcp-param-region", "mcp-protocol-version"]) {
      expect(passed?.[name], name).toBeUndefined();
    }
    expect(decodeJwt(String(passed?.["agent-attestation-verified"]))["ath"]).toBeUndefined();
  });

  it("has no credentials of the user where that is configured", async () => {
    const { url, received } = await recordingServer();
    const endpoint = await scene.gateway(url, { upstream: { url, authorization: "drop" } }, form);
    await fetch(endpoint, await scene.alice.post(request(1, "tools/list"), { accessToken: "token-1" }));
    expect(received[0]?.headers.authorization).toBeUndefined();
  });

  it("has an assertion for this very request (G3, SPEC-22.5)", async () => {
    const { url, received } = await recordingServer((res, { body }) =>
      answerJson(res, { result: {}, ...idIn(body) }, { "Mcp-Session-Id": "up-1" }),
    );
    const endpoint = await scene.gateway(url, asserting(url), form);
    const opened = await fetch(endpoint, await scene.alice.post(request(1, "initialize", { capabilities: {} })));
    const sessionId = opened.headers.get("mcp-session-id") ?? "";
    const call = request(2, "tools/call", { name: "add" });
    await fetch(endpoint, await scene.alice.post(call, { sessionId, accessToken: "token-1" }));
    await fetch(endpoint, await scene.alice.bodiless("DELETE", { sessionId }));
    const key = await importJWK(signer.toJwk() as never, "EdDSA");
    const [, posted, deleted] = await Promise.all(
      received.map(({ headers }) =>
        jwtVerify(headers["agent-attestation-verified"] as string, key, { typ: "agent-attestation-verified+jwt" }),
      ),
    );
    expect(posted?.protectedHeader).toEqual({ alg: "EdDSA", typ: "agent-attestation-verified+jwt", kid: "gateway-1" });
    expect(posted?.payload).toEqual({
      iss: "https://gateway.example",
      aud: "https://bank.internal/mcp",
      iat: expect.any(Number),
      exp: (posted?.payload.iat ?? 0) + 30,
      jti: expect.any(String),
      htm: "POST",
      body_digest: sha256(received[1]?.body ?? ""),
      session: "up-1",
      ath: sha256("token-1"),
      sub: "spiffe://example.com/model/alice",
      issuer: scene.authority.issuer,
      trust_level: "provider",
      agent_identity: { model_family: "example", model_version: "example-1", provider: "example" },
      key_thumbprint: await calculateJwkThumbprint(scene.authority.agentKey.toJwk() as never),
      proof: "signature",
    });
    expect(received[1]?.headers["mcp-session-id"]).toBe("up-1");
    expect(deleted?.payload).toMatchObject({ htm: "DELETE", body_digest: sha256(""), session: "up-1" });
    expect(deleted?.payload["ath"]).toBeUndefined();
  });

  it("has no assertion where nobody was verified (SPEC-22.6)", async () => {
    const { url, received } = await recordingServer();
    const guard = scene.guard({ policy: "optional" });
    const endpoint = await scene.gateway(url, { guard, ...asserting(url) }, form);
    await fetch(endpoint, strange(request(1, "tools/list")));
    await fetch(endpoint, await scene.alice.post(request(2, "ping")));
    expect(received).toHaveLength(2);
    expect(received.every(({ headers }) => headers["agent-attestation-verified"] === undefined)).toBe(true);
  });

  it("gives the agent no field or error of this protocol that the upstream made (G1, M13, SPEC-22.3)", async () => {
    const forged = {
      "Agent-Attestation-Error": "attestation_expired",
      Agent_Attestation_Time: "1",
      "Set-Cookie": "a=1",
      Vary: "Origin",
      Connection: "close, Vary",
    };
    const error = {
      code: -31005,
      message: "",
      data: { extension: "io.github.attest/agent-attestation", reason: "attestation_expired" },
    };
    const { url } = await recordingServer((res, { body }) => answerJson(res, { error, ...idIn(body) }, forged));
    const endpoint = await scene.gateway(url, {}, form);
    const response = await fetch(endpoint, await scene.alice.post(request(1, "tools/list")));
    const dropped = Object.keys(forged).filter((name) => name !== "Connection");
    expect(dropped.filter((name) => response.headers.has(name))).toEqual([]);
    expect(await messageOf(response)).toMatchObject({ id: 1, error: { code: -32603 } });
  });

  const AMBIGUOUS: Json = {
    "two names in the message": { Method: "tools/call" },
    "another spelling in params": { params: { Name: "admin" } },
    "two names in params": { params: { name: "add", NAME: "admin" } },
    "a name with a long s": { params: { name: "add", ſample: 1, sample: 2 } },
    "a reference": {
      method: "completion/complete",
      params: { ref: { type: "ref/prompt", Type: "ref/resource", name: "x" } },
    },
    subscriptions: {
      method: "subscriptions/listen",
      params: { notifications: { ResourceSubscriptions: ["bank://vault"] } },
    },
    metadata: { params: { name: "add", _meta: { progressToken: 1, ProgressToken: 2 } } },
    "this protocol's metadata": { params: { name: "add", _meta: { "IO.github.attest/verified": {} } } },
  };
  it.each(Object.keys(AMBIGUOUS))("is nothing that readers take differently: %s (G2, SPEC-22.2)", async (title) => {
    const { url, received } = await recordingServer();
    const endpoint = await scene.gateway(url, {}, form);
    const message = { ...request(1, "tools/call", { name: "add" }), ...(AMBIGUOUS[title] as Json) };
    const sent = await scene.alice.post(message);
    const response = await fetch(endpoint, sent);
    expect(response.status).toBe(400);
    expect(await messageOf(response)).toMatchObject({ error: { code: -32600 } });
    expect(received).toHaveLength(0);
  });
});

it("refuses to assert under the name of an issuer that it trusts (SPEC-22.7)", async () => {
  const { url } = await recordingServer();
  await expect(scene.gateway(url, { ...asserting(url), issuer: scene.authority.issuer })).rejects.toThrow(
    /issuer must not be one that the guard trusts/,
  );
});

it("says of a sub-agent that it is one, and holds it to demands that say so (D3, SPEC-22.5)", async () => {
  const { url, received } = await recordingServer();
  const guard = scene.guard({ maxDelegationDepth: 1 });
  const demands = { tools: { own: {}, shared: { delegated: true } } };
  const endpoint = await scene.gateway(url, { guard, demands, ...asserting(url) });
  const { authority } = scene;
  const { audience } = authority;
  const child = await KeyPair.generate();
  const parent = await authority.attest();
  const attestation = await createDelegation({
    parent,
    signer: authority.agentKey,
    confirmationKey: child.toJwk(),
    audience,
    name: "helper",
  });
  const call = async (name: string) => {
    const { body } = strange(request(1, "tools/call", { name })) as { body: string };
    const proved = { kind: "http", method: "POST", body: new TextEncoder().encode(body) } as const;
    const proof = await createProof({ attestation, signer: child, audience, request: proved });
    const headers = {
      "Content-Type": "application/json",
      "Agent-Attestation": attestation,
      "Agent-Attestation-Proof": proof,
    };
    return messageOf(await fetch(endpoint, { method: "POST", body, headers }));
  };
  expect((await call("own")).error?.data?.reason).toBe("attestation_claims_insufficient");
  expect((await call("shared")).result).toEqual({});
  const [, payload = ""] = String(received[0]?.headers["agent-attestation-verified"]).split(".");
  expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({
    key_thumbprint: await calculateJwkThumbprint(child.toJwk() as never),
    delegation: [{ name: "helper", key_thumbprint: await calculateJwkThumbprint(child.toJwk() as never) }],
  });
});
