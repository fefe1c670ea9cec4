import { randomBytes, randomUUID } from "node:crypto";
import { AttestationGuard } from "@attest/mcp-server";
import { beforeAll, describe, expect, it } from "vitest";
import {
  answerJson,
  createScene,
  type Form,
  idIn,
  messageOf,
  reasonOf,
  recordingServer,
  request,
  type Scene,
  strange,
} from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const initialize = request(0, "initialize", { protocolVersion: "2025-11-25", capabilities: {} });
/** A server of sessions that takes whoever knows an id for its owner. */
const sessionServer = () =>
  recordingServer((res, { body, headers }) => {
    const id = headers["mcp-session-id"] ?? randomUUID();
    answerJson(res, { result: {}, ...idIn(body) }, { "Mcp-Session-Id": String(id) });
  });

describe.each<Form>(["node", "fetch"])("a session through a gateway, as %s", (form) => {
  it("is its owner's alone (M1, SPEC-22.13)", async () => {
    const { url, received } = await sessionServer();
    const endpoint = await scene.gateway(url, {}, form);
    const opened = await fetch(endpoint, await scene.alice.post(initialize));
    const sessionId = opened.headers.get("mcp-session-id") ?? "";
    const list = request(1, "tools/list");
    expect((await messageOf(await fetch(endpoint, await scene.alice.post(list, { sessionId })))).result).toEqual({});
    expect(received[1]?.headers["mcp-session-id"]).toBe(sessionId.split(".")[0]);
    const before = received.length;
    const stolen = await fetch(endpoint, await scene.mallory.post(list, { sessionId }));
    expect(reasonOf(await messageOf(stolen))).toBe("attestation_invalid");
    expect((await fetch(endpoint, await scene.mallory.bodiless("GET", { sessionId }))).status).toBe(403);
    expect((await fetch(endpoint, await scene.mallory.bodiless("DELETE", { sessionId }))).status).toBe(403);
    const nobody = await fetch(endpoint, strange(list, { "Mcp-Session-Id": sessionId }));
    expect(reasonOf(await messageOf(nobody))).toBe("attestation_required");
    expect(received).toHaveLength(before);
  });

  it("is not found under an id that the gateway did not give (SPEC-22.13)", async () => {
    const { url, received } = await sessionServer();
    const endpoint = await scene.gateway(url, {}, form);
    const opened = await fetch(endpoint, await scene.alice.post(initialize));
    const sessionId = opened.headers.get("mcp-session-id") ?? "";
    const [upstreamId, keyId, mac = ""] = sessionId.split(".");
    const flipped = `${mac.startsWith("A") ? "B" : "A"}${mac.slice(1)}`;
    for (const id of [
      upstreamId,
      `${upstreamId}.${keyId}`,
      `other.${keyId}.${mac}`,
      `${upstreamId}.${keyId}.${flipped}`,
      `${upstreamId}.AAAAAAAAAAA.${mac}`,
    ]) {
      const response = await fetch(
        endpoint,
        await scene.alice.post(request(1, "tools/list"), { sessionId: id as string }),
      );
      expect([404, 200]).toContain(response.status);
      if (response.status === 200) expect(reasonOf(await messageOf(response))).toBe("attestation_invalid");
    }
    expect(received).toHaveLength(1);
  });

  it("that nobody was verified for is nobody's (SPEC-22.13)", async () => {
    const { url } = await sessionServer();
    const endpoint = await scene.gateway(url, { guard: scene.guard({ policy: "optional" }) }, form);
    const opened = await fetch(endpoint, strange(initialize));
    const sessionId = opened.headers.get("mcp-session-id") ?? "";
    const list = request(1, "tools/list");
    expect((await fetch(endpoint, strange(list, { "Mcp-Session-Id": sessionId }))).status).toBe(200);
    const agent = await fetch(endpoint, await scene.alice.post(list, { sessionId }));
    expect(reasonOf(await messageOf(agent))).toBe("attestation_invalid");
  });

  it("that a bearer attestation opened is that connection's", async () => {
    const { url, received } = await sessionServer();
    const endpoint = await scene.gateway(url, { guard: scene.guard({ allowBearer: true }) }, form);
    const token = await scene.authority.attestBearer();
    const capabilities = { experimental: { "security.attestation": { version: "0.1.0", token } } };
    const opened = await fetch(endpoint, strange(request(0, "initialize", { capabilities })));
    const sessionId = opened.headers.get("mcp-session-id") ?? "";
    expect(received[0]?.body).not.toContain(token);
    const answer = await fetch(endpoint, strange(request(1, "tools/list"), { "Mcp-Session-Id": sessionId }));
    expect((await messageOf(answer)).result).toEqual({});
  });
});

it("is served by every replica with the same secrets, and by none with others (SPEC-22.13)", async () => {
  const { url } = await sessionServer();
  const [secret, older] = [randomBytes(32), randomBytes(32)];
  const one = await scene.gateway(url, { secrets: [secret] });
  const other = await scene.gateway(url, { secrets: [older, secret] });
  const stranger = await scene.gateway(url, { secrets: [older] });
  const opened = await fetch(one, await scene.alice.post(initialize));
  const sessionId = opened.headers.get("mcp-session-id") ?? "";
  const list = () => scene.alice.post(request(1, "tools/list"), { sessionId });
  expect((await messageOf(await fetch(other, await list()))).result).toEqual({});
  expect((await fetch(stranger, await list())).status).toBe(404);
  const stolen = await fetch(other, await scene.mallory.post(request(1, "tools/list"), { sessionId }));
  expect(reasonOf(await messageOf(stolen))).toBe("attestation_invalid");
  const otherKey = await fetch(other, await scene.twin.post(request(1, "tools/list"), { sessionId }));
  expect(reasonOf(await messageOf(otherKey))).toBe("attestation_invalid");
});

it("is not used up for a request that the upstream answers with 401", async () => {
  const { url } = await recordingServer((res) => res.writeHead(401).end());
  const guard = new AttestationGuard(scene.authority.verifierOptions);
  const endpoint = await scene.gateway(url, { guard });
  expect((await fetch(endpoint, await scene.alice.post(initialize))).status).toBe(401);
});
