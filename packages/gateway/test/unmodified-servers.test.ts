import { Client as V2Client, StreamableHTTPClientTransport as V2Transport } from "@modelcontextprotocol/client";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { beforeAll, describe, expect, it } from "vitest";
import { createScene, type Form, request, type Scene, strange } from "./scene.ts";
import { PLAIN_SERVERS } from "./servers.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const info = { name: "test", version: "1.0.0" };

/** A client of either SDK, connected through a gateway as the agent. */
async function connectV1(endpoint: string, capabilities = {}) {
  const client = new V1Client(info, { capabilities });
  const transport = new V1Transport(new URL(endpoint), { fetch: scene.alice.fetch(endpoint) });
  return { client, transport, connect: () => client.connect(transport as never) };
}

async function connectV2(endpoint: string, mode: "legacy" | { pin: string }) {
  const client = new V2Client(info, { versionNegotiation: { mode } as never });
  const transport = new V2Transport(new URL(endpoint), { fetch: scene.alice.fetch(endpoint) });
  return { client, transport, connect: () => client.connect(transport) };
}

const textIn = (result: unknown) => (result as { content: { text: string }[] }).content[0]?.text;

describe.each<Form>(["node", "fetch"])("a gateway before unmodified servers, as %s", (form) => {
  it.each(["v1 stateful", "v1 stateless", "v2 stateful", "v2 stateless"] as const)(
    "serves clients of the handshake era before a %s server",
    async (server) => {
      const endpoint = await scene.gateway(await PLAIN_SERVERS[server](), {}, form);
      for (const each of [await connectV1(endpoint), await connectV2(endpoint, "legacy")]) {
        await each.connect();
        expect(textIn(await each.client.callTool({ name: "add", arguments: { a: 2, b: 3 } }))).toBe("5");
        expect((await each.client.listTools()).tools.map(({ name }) => name)).toContain("admin");
        expect(await each.client.readResource({ uri: "bank://vault" })).toMatchObject({ contents: [{ text: "gold" }] });
        await each.transport.terminateSession();
        await each.client.close();
      }
    },
  );

  it("serves clients of the stateless era", async () => {
    const endpoint = await scene.gateway(await PLAIN_SERVERS["v2 stateless"](), {}, form);
    const { client, connect } = await connectV2(endpoint, { pin: "2026-07-28" });
    await connect();
    expect(textIn(await client.callTool({ name: "add", arguments: { a: 2, b: 3 } }))).toBe("5");
    expect((await client.listTools()).tools).toHaveLength(5);
    await client.close();
  });

  it("carries progress, elicitations and the stream of a session", async () => {
    const endpoint = await scene.gateway(await PLAIN_SERVERS["v1 stateful"](), {}, form);
    const { client, connect } = await connectV1(endpoint, { elicitation: {} });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { sure: true } }));
    const logged = new Promise((resolve) => client.setNotificationHandler(LoggingMessageNotificationSchema, resolve));
    await connect();
    const progress: number[] = [];
    const onprogress = (each: { progress: number }) => void progress.push(each.progress);
    await client.callTool({ name: "count" }, undefined, { onprogress });
    expect(progress).toEqual([1, 2, 3]);
    expect(textIn(await client.callTool({ name: "confirm" }))).toBe("accept");
    await client.callTool({ name: "log-later" });
    expect(await logged).toMatchObject({ params: { data: "on the stream of the session" } });
    await client.close();
  });

  it("lets no stranger through to any server (M1, G4)", async () => {
    const endpoint = await scene.gateway(await PLAIN_SERVERS["v1 stateful"](), {}, form);
    const response = await fetch(endpoint, strange(request(1, "tools/call", { name: "admin" })));
    expect(response.headers.get("agent-attestation-error")).toBe("attestation_required");
    expect(scene.guarded().at(-1)).toMatchObject({ action: "reply", reason: "attestation_required" });
  });
});
