// A client that calls a tool: node call-process.js WIRE IN_FLIGHT plain|signatures|tickets. Tells what it costs, with its server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { buildCalled } from "./build-called.ts";
import { createMaterial } from "./material.ts";

/** What can be asked of it: to call so many times, or microseconds of CPU so far. */
export type CallQuestion = { readonly call: number } | { readonly cpu: true };

type Transport = Parameters<Client["connect"]>[0];
const SERVER = fileURLToPath(new URL("./call-server.js", import.meta.url));
const [wire, width, by] = process.argv.slice(2);
const inFlight = Number(width);
const attested = by !== "plain";
const { liveAuthority: authority } = await createMaterial();
const { audience, issuer, provider, identity } = authority;
const agent = new AttestingAgent({ source: localSource(provider, identity), tickets: by === "tickets" });

const trust = { audience, issuer, jwk: attested ? authority.authorityKey.toJwk() : undefined };
const env = { ...(process.env as Record<string, string>), CALL_SERVER: JSON.stringify(trust) };
const byMessage = (transport: Transport) => (attested ? attestTransport(transport, { agent, audience }) : transport);

async function connected(): Promise<Transport> {
  if (wire === "stdio")
    return byMessage(new StdioClientTransport({ command: process.execPath, args: [SERVER, "stdio"], env }));
  if (wire === "memory") {
    const [transport, end] = InMemoryTransport.createLinkedPair();
    await buildCalled(attested ? new AttestationGuard({ ...authority.verifierOptions }) : undefined).connect(end);
    return byMessage(transport);
  }
  const child = spawn(process.execPath, [SERVER, "http"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  const url = new URL(`http://127.0.0.1:${Number(port)}/mcp`);
  const fetch = attestFetch({ agent, audience, endpoint: url });
  return new StreamableHTTPClientTransport(url, attested ? { fetch } : {}) as Transport;
}

const client = new Client({ name: "caller", version: "1.0.0" });
await client.connect(await connected());

async function call(name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args });
  return (content as { text: string }[])[0]?.text ?? "";
}

async function callTimes(count: number): Promise<number> {
  for (let done = 0; done < count; done += inFlight) {
    await Promise.all(Array.from({ length: inFlight }, () => call("echo", { text: "x".repeat(200) })));
  }
  return count;
}

async function cpuSoFar(): Promise<number> {
  const { user, system } = process.cpuUsage();
  return user + system + (wire === "memory" ? 0 : Number(await call("cpu")));
}

process.on("message", async (question: CallQuestion) => {
  process.send?.("call" in question ? await callTimes(question.call) : await cpuSoFar());
});
process.send?.(true);
