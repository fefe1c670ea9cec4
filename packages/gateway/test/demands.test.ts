import type { Demands } from "@attest/gateway";
import { beforeAll, describe, expect, it } from "vitest";
import {
  answerJson,
  createScene,
  type Form,
  idIn,
  type Json,
  messageOf,
  reasonOf,
  recordingServer,
  request,
  type Scene,
} from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const demands: Demands = {
  tools: {
    transfer: { issuer: "https://other.example" },
    "transfer*": { deny: true },
    "transfer-small*": { subject: "spiffe://example.com/model/*" },
    alices: { subject: "spiffe://example.com/model/alice" },
    safe: { claims: { "/attestation_metadata/safety_level": ["standard", "enhanced"] } },
    enhanced: { claims: { "/attestation_metadata/safety_level": "enhanced" } },
    admin: { deny: true },
  },
  resources: { "vault://*": { deny: true }, "vault://open": { minTrustLevel: "enterprise" } },
  prompts: { secret: { deny: true } },
};
const LISTS: Record<string, Json> = {
  "tools/list": {
    tools: ["transfer", "transfer-x", "transfer-small-1", "alices", "safe", "admin", "add"].map((name) => ({ name })),
  },
  "resources/list": {
    resources: [{ uri: "vault://a" }, { uri: "vault://open" }, { uri: "VAULT://a" }, { uri: "bank://b" }],
  },
  "resources/templates/list": { resourceTemplates: [{ uriTemplate: "vault://{id}" }, { uriTemplate: "bank://{id}" }] },
  "prompts/list": { prompts: [{ name: "secret" }, { name: "greeting" }] },
};
const listing = () =>
  recordingServer((res, { body }) =>
    answerJson(res, { ...idIn(body), result: LISTS[JSON.parse(body).method] ?? { ok: true } }),
  );

describe.each<Form>(["node", "fetch"])("demands, as %s", (form) => {
  const ALICE: [method: string, params: Json, meets: boolean][] = [
    ["tools/call", { name: "add" }, true],
    ["tools/call", { name: "transfer" }, false],
    ["tools/call", { name: "transfer-x" }, false],
    ["tools/call", { name: "transfer-small-1" }, true],
    ["tools/call", { name: "alices" }, true],
    ["tools/call", { name: "safe" }, true],
    ["tools/call", { name: "enhanced" }, false],
    ["tools/call", { name: "admin" }, false],
    ["tools/call", {}, false],
    ["tools/call", { name: 1 }, false],
    ["prompts/get", { name: "greeting" }, true],
    ["prompts/get", { name: "secret" }, false],
    ["resources/read", { uri: "bank://b" }, true],
    ["resources/read", { uri: "vault://a" }, false],
    ["resources/read", { uri: "vault://open" }, true],
    ["resources/read", { uri: "VAULT://open" }, false],
    ["resources/read", { uri: "bank://../vault" }, false],
    ["resources/read", { uri: "bank://%2e%2e/vault" }, false],
    ["resources/read", { uri: " vault://a" }, false],
    ["resources/subscribe", { uri: "vault://a" }, false],
    ["resources/unsubscribe", { uri: "vault://a" }, false],
    ["completion/complete", { ref: { type: "ref/prompt", name: "secret" } }, false],
    ["completion/complete", { ref: { type: "ref/prompt", name: "greeting" } }, true],
    ["completion/complete", { ref: { type: "ref/resource", uri: "vault://{id}" } }, false],
    ["completion/complete", { ref: { type: "ref/resource", uri: "bank://{id}" } }, true],
    ["completion/complete", { ref: { type: "ref/new", name: "greeting" } }, false],
    ["subscriptions/listen", { notifications: { resourceSubscriptions: ["bank://b", "vault://a"] } }, false],
    ["subscriptions/listen", { notifications: { resourceSubscriptions: "vault://a" } }, false],
    ["subscriptions/listen", { notifications: { toolsListChanged: true } }, true],
    ["tools/list", {}, true],
  ];
  it.each(ALICE)("judge %s %j: %s (SPEC-22.11)", async (method, params, meets) => {
    const { url, received } = await listing();
    const endpoint = await scene.gateway(url, { demands }, form);
    const answer = await messageOf(await fetch(endpoint, await scene.alice.post(request(1, method, params))));
    expect(reasonOf(answer)).toBe(meets ? undefined : "attestation_claims_insufficient");
    expect(received).toHaveLength(meets ? 1 : 0);
    if (!meets)
      expect(scene.events.filter(({ type }) => type === "demand").at(-1)).toMatchObject({ outcome: "refused", method });
  });

  it("hide from an agent what it may not use (SPEC-22.12)", async () => {
    const { url } = await listing();
    const endpoint = await scene.gateway(url, { demands }, form);
    const list = async (agent: "alice" | "mallory", method: string) =>
      (await messageOf(await fetch(endpoint, await scene[agent].post(request(1, method))))).result;
    const names = async (agent: "alice" | "mallory") =>
      (await list(agent, "tools/list")).tools.map(({ name }: { name: string }) => name);
    expect(await names("alice")).toEqual(["transfer-small-1", "alices", "safe", "add"]);
    expect(await names("mallory")).toEqual(["transfer-small-1", "safe", "add"]);
    expect(await list("alice", "prompts/list")).toEqual({ prompts: [{ name: "greeting" }], cacheScope: "private" });
    expect((await list("alice", "resources/list")).resources).toEqual([{ uri: "vault://open" }, { uri: "bank://b" }]);
    expect((await list("alice", "resources/templates/list")).resourceTemplates).toEqual([
      { uriTemplate: "bank://{id}" },
    ]);
  });

  it("leave lists alone where that is configured, and where nothing of the kind is demanded", async () => {
    const { url } = await listing();
    const shown = await scene.gateway(url, { demands, hideUnmet: false }, form);
    const list = await messageOf(await fetch(shown, await scene.alice.post(request(1, "tools/list"))));
    expect(list.result).toEqual(LISTS["tools/list"]);
    const tools = await scene.gateway(url, { demands: { tools: { admin: { deny: true } } } }, form);
    const prompts = await messageOf(await fetch(tools, await scene.alice.post(request(1, "prompts/list"))));
    expect(prompts.result).toEqual(LISTS["prompts/list"]);
  });

  it("by default cover what no entry names", async () => {
    const { url } = await listing();
    const everything = { default: { deny: true }, tools: { add: {} } };
    const endpoint = await scene.gateway(url, { demands: everything }, form);
    const call = async (name: string) =>
      reasonOf(await messageOf(await fetch(endpoint, await scene.alice.post(request(1, "tools/call", { name })))));
    expect(await call("add")).toBeUndefined();
    expect(await call("other")).toBe("attestation_claims_insufficient");
  });

  it("can be for a signature, which the agent then sends in a MAC's place (SPEC-19.24)", async () => {
    const scene = await createScene();
    const { url } = await listing();
    const endpoint = await scene.gateway(url, { demands: { tools: { transfer: { signature: true } } } }, form);
    const send = async (id: number, name: string) => {
      const body = JSON.stringify(request(id, "tools/call", { name }));
      const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
      return messageOf(await scene.alice.fetch(endpoint)(endpoint, { method: "POST", body, headers }));
    };
    for (const [id, name] of ["add", "add", "transfer", "transfer"].entries()) {
      expect(await send(id, name)).toHaveProperty("result");
    }
    const proofs = scene.events
      .filter(({ type }) => type === "verification")
      .map((event) => "proof" in event && event.proof);
    expect(proofs).toEqual(["signature", "mac", "mac", "signature", "signature"]);
  });

  it("hide in a stream, and in one that is resumed (SPEC-22.12)", async () => {
    const { url } = await recordingServer((res, { body }) => {
      const message = { jsonrpc: "2.0", id: 1, ...idIn(body), result: LISTS["tools/list"] };
      res.writeHead(200, { "Content-Type": "text/event-stream" }).end(`id: 1\ndata: ${JSON.stringify(message)}\n\n`);
    });
    const endpoint = await scene.gateway(url, { demands }, form);
    for (const sent of [await scene.alice.post(request(1, "tools/list")), await scene.alice.bodiless("GET")]) {
      const { result } = await messageOf(await fetch(endpoint, sent));
      expect(result.tools).toHaveLength(4);
    }
  });
});

it("refuses demands that make no sense, by their place", async () => {
  for (const [wrong, place] of [
    [{ tools: { "": {} } }, /tools\[""\]/],
    [{ tools: { a: { minTrustLevel: "high" } } }, /tools\["a"\]/],
    [{ tools: { a: { subject: "spiffe://example.com*" } } }, /subject/],
    [{ prompts: { a: { claims: { x: 1 } } } }, /prompts\["a"\]/],
    [{ tools: { a: { denied: true } } }, /denied/],
    [{ tool: {} }, /tool/],
  ] as [Demands, RegExp][]) {
    await expect(scene.gateway("http://127.0.0.1:1/mcp", { demands: wrong })).rejects.toThrow(place);
  }
});
