import { beforeAll, describe, expect, it } from "vitest";
import { createScene, type Json, messageOf, recordingServer, request, type Scene, sendRaw } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

describe("fields that repeat the message", () => {
  const call = request(1, "tools/call", { name: "add", arguments: { region: "eu", inner: { n: 7 }, ü: "ü" } });
  const post = async (headers: Record<string, string>, message: Json = call) => {
    const { url, received } = await recordingServer();
    const endpoint = await scene.gateway(url);
    const sent = await scene.alice.post(message, { headers });
    const response = await fetch(endpoint, sent);
    return { endpoint, sent, response, received };
  };

  it("pass where they say the same (SPEC-22.4)", async () => {
    const headers = {
      "Mcp-Method": "tools/call",
      "Mcp-Name": "add",
      "Mcp-Param-Region": "eu",
      "Mcp-Param-N": "7",
      "Mcp-Param-U": "=?base64?w7w=?=",
    };
    const { received } = await post(headers);
    for (const [name, value] of Object.entries(headers)) expect(received[0]?.headers[name.toLowerCase()]).toBe(value);
  });

  it.each([
    ["the method", { "Mcp-Method": "tools/list" }],
    ["the name", { "Mcp-Name": "admin" }],
    ["a broken name", { "Mcp-Name": "=?base64?AA?=" }],
    ["a parameter", { "Mcp-Param-Region": "us" }],
    ["a parameter that is no argument", { "Mcp-Param-Region": "[object Object]" }],
  ])("are refused where %s says something else, before anything is used up (SPEC-22.4)", async (_, headers) => {
    const { endpoint, sent, response, received } = await post(headers as Record<string, string>);
    expect(response.status).toBe(400);
    expect(await messageOf(response)).toMatchObject({ id: 1, error: { code: -32020 } });
    expect(received).toHaveLength(0);
    const { body, headers: fields } = sent as { body: string; headers: Record<string, string> };
    const good = Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith("Mcp-")));
    expect((await messageOf(await fetch(endpoint, { method: "POST", body, headers: good }))).result).toEqual({});
  });

  it("are refused where the version says something else (SPEC-22.4)", async () => {
    const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
    const stateless = request(1, "tools/list", { _meta });
    expect((await post({ "MCP-Protocol-Version": "2026-07-28" }, stateless)).response.status).toBe(200);
    expect((await post({ "MCP-Protocol-Version": "2025-11-25" }, stateless)).response.status).toBe(400);
  });

  it.each(["Mcp-Name", "Mcp-Method", "Mcp-Param-Region", "MCP-Protocol-Version"])(
    "are refused where %s is there twice (SPEC-22.4)",
    async (field) => {
      const values: Json = { "Mcp-Name": "add", "Mcp-Method": "tools/call", "Mcp-Param-Region": "eu" };
      const repeated = [field, String(values[field] ?? "2025-11-25")];
      const { url, received } = await recordingServer();
      const endpoint = new URL(await scene.gateway(url));
      const post = async (times: number) => {
        const { body, headers } = (await scene.alice.post(call)) as { body: string; headers: Record<string, string> };
        const fields = [...Object.entries({ Host: endpoint.host, ...headers }).flat()];
        for (let i = 0; i < times; i++) fields.push(...repeated);
        return sendRaw(endpoint, fields, body);
      };
      expect(await post(1)).toBe(200);
      expect(await post(2)).toBe(400);
      expect(received).toHaveLength(1);
    },
  );
});
