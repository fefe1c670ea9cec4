import type { ToolDefinition } from "@attest/core";
import { type AttestationState, type AttestingAgent, attestFetch, attestTransport } from "@attest/mcp-client";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioTransportV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioTransportV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpTransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** Which generation of the MCP SDK the agent is built with, and with it the protocol era it speaks. */
export type Generation = "v1" | "v2";

/** A server: an endpoint, or a program to start. */
export type Target = URL | { readonly command: string; readonly args: string[]; readonly env: Record<string, string> };

/** A connection to a server, either SDK's, as far as the demo needs it. */
export interface Connection {
  /** How the server took the attestation so far. */
  readonly attestation: AttestationState | undefined;
  /** What the server lists now, as it came: what a model is shown. */
  tools(): Promise<readonly ToolDefinition[]>;
  /** Calls a tool. @returns What it answered. @throws What the SDK throws for a refusal, or an Error with the tool's own words. */
  call(tool: string, args: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** What both generations' clients have in common. */
interface AnyClient {
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's own transport type
  connect(transport: any): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's own result type
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<any>;
  listTools(): Promise<{ tools: ToolDefinition[] }>;
  close(): Promise<void>;
}

/**
 * Connects to a server.
 *
 * @param agent What attests; `undefined` for a client that has nothing to show. Over HTTP its credentials go in header
 * fields, over stdio in the messages.
 */
export async function connect(
  generation: Generation,
  target: Target,
  audience: string,
  agent: AttestingAgent | undefined,
): Promise<Connection> {
  const client = newClient(generation);
  let attested: { readonly attestation: AttestationState } | undefined;
  if (target instanceof URL) {
    const fetch = agent && attestFetch({ agent, audience, endpoint: target });
    attested = fetch;
    const HttpTransport = generation === "v1" ? HttpTransportV1 : HttpTransportV2;
    await client.connect(new HttpTransport(target, fetch ? { fetch } : {}));
  } else {
    const StdioTransport = generation === "v1" ? StdioTransportV1 : StdioTransportV2;
    const inner = new StdioTransport({ ...target, stderr: "ignore" });
    const transport = agent && attestTransport(inner, { agent, audience });
    attested = transport;
    await client.connect(transport ?? inner);
  }
  return {
    get attestation() {
      return attested?.attestation;
    },
    tools: async () => (await client.listTools()).tools,
    async call(tool, args) {
      const { content, isError } = await client.callTool({ name: tool, arguments: args });
      const answer = (content as { text?: string }[]).map((part) => part.text ?? "").join(" ");
      if (isError) throw new Error(`${tool} failed: ${answer}`);
      return answer;
    },
    close: () => client.close(),
  };
}

function newClient(generation: Generation): AnyClient {
  const info = { name: "demo-agent", version: "1.0.0" };
  if (generation === "v1") return new ClientV1(info);
  // Tries the stateless era first, and speaks to older servers as they do.
  return new ClientV2(info, { versionNegotiation: { mode: "auto" } });
}
