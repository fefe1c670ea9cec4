import { type AttestationState, AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { IDENTITY } from "./attacks/exchange.ts";
import { AUDIENCE, type DemoAuthority } from "./authority.ts";

/** What an honest session came to. */
export interface SessionReport {
  readonly over: string;
  readonly attestation: AttestationState;
  readonly calls: readonly { readonly tool: string; readonly answer: string }[];
}

/** Connects over stdio, each message carrying its credentials, and calls an open and a protected tool. */
export async function sessionOverStdio(
  program: string,
  env: Record<string, string>,
  authority: DemoAuthority,
): Promise<SessionReport> {
  const agent = new AttestingAgent({ source: localSource(authority.provider, IDENTITY) });
  const inner = new StdioClientTransport({
    command: process.execPath,
    args: [program, "stdio"],
    env,
    stderr: "ignore",
  });
  const transport = attestTransport(inner, { agent, audience: AUDIENCE });
  return session("stdio", transport, () => transport.attestation);
}

/** Connects over Streamable HTTP, each request carrying its credentials in HTTP fields. */
export async function sessionOverHttp(url: URL, authority: DemoAuthority): Promise<SessionReport> {
  const agent = new AttestingAgent({ source: localSource(authority.provider, IDENTITY) });
  const fetch = attestFetch({ agent, audience: AUDIENCE, endpoint: url });
  const transport = new StreamableHTTPClientTransport(url, { fetch });
  return session("Streamable HTTP", transport as Parameters<Client["connect"]>[0], () => fetch.attestation);
}

async function session(
  over: string,
  transport: Parameters<Client["connect"]>[0],
  attestation: () => AttestationState,
): Promise<SessionReport> {
  const client = new Client({ name: "demo-agent", version: "1.0.0" });
  await client.connect(transport);
  try {
    const calls = [];
    for (const [tool, args] of [
      ["list_accounts", {}],
      ["transfer", { to: "savings", amount: 25 }],
    ] as const) {
      const { content, isError } = await client.callTool({ name: tool, arguments: args });
      const answer = (content as { text?: string }[]).map((part) => part.text ?? "").join(" ");
      if (isError) throw new Error(`${tool} was refused: ${answer}`);
      calls.push({ tool, answer });
    }
    return { over, attestation: { ...attestation() }, calls };
  } finally {
    await client.close();
  }
}
