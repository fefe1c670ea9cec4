import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { AttestationGuard, attestServer } from "@attest/mcp-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import type { Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";
import type { Way } from "./ways.ts";

/** Enough that the compilers of both processes are done before anything is measured. */
const COUNT = 1600;
const ROUNDS = 9;
const script = fileURLToPath(new URL("./call-server.js", import.meta.url));

/** What is compared: nothing, a signature for each message, MACs under tickets. */
type Attested = false | "signatures" | "tickets";

/** What a call of a tool costs client and server together over one of `WAYS`, plain, and attested by signatures and by tickets. */
export async function measureCalls(material: Material, way: Way): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { rawVerification, rawSigning } = material;
  const calls: Awaited<ReturnType<typeof callsOver>>[] = [];
  for (const attested of [false, "signatures", "tickets"] as const)
    calls.push(await callsOver(way, material, attested));
  const measured = await compare([rawVerification, rawSigning, ...calls], { rounds: ROUNDS, count: COUNT });
  for (const call of calls) await call.close();
  const [verifying = 0, signing = 0, plain = 0, attested = 0, byTickets = 0] = measured.map(({ cpu }) => cpu);
  return {
    costs: measured.slice(2),
    rows: [
      {
        path: `${way.wire} client + server, ${way.inFlight} in flight, attested vs not: extra CPU per call`,
        unit: "raw verifies",
        measured: (attested - plain) / verifying,
        better: "smaller",
        limit: (verifying + signing) / verifying,
        ...way.target,
      },
      {
        path: `the same by tickets: extra CPU per call`,
        unit: "raw verifies",
        measured: (byTickets - plain) / verifying,
        better: "smaller",
        ...way.byTickets,
      },
      {
        path: `extra of tickets ÷ extra of signatures, ${way.wire}, ${way.inFlight} in flight`,
        unit: "ratio",
        measured: (byTickets - plain) / (attested - plain),
        better: "smaller",
        must: 0.35,
        aim: 0.25,
      },
    ],
  };
}

async function callsOver(
  { wire, inFlight }: Way,
  { liveAuthority: authority }: Material,
  attested: Attested,
): Promise<Variant & { close(): Promise<void> }> {
  const { audience, issuer } = authority;
  const jwk = attested ? authority.authorityKey.toJwk() : undefined;
  const env = { ...(process.env as Record<string, string>), CALL_SERVER: JSON.stringify({ audience, issuer, jwk }) };
  const source = localSource(authority.provider, authority.identity);
  const agent = new AttestingAgent({ source, tickets: attested === "tickets" });
  const client = new Client({ name: "caller", version: "1.0.0" });
  let stop = () => {};
  if (wire === "stdio") {
    const transport = new StdioClientTransport({ command: process.execPath, args: [script, "stdio"], env });
    await client.connect(attested ? attestTransport(transport, { agent, audience }) : transport);
  } else if (wire === "memory") {
    const [transport, end] = InMemoryTransport.createLinkedPair();
    await called(attested ? guardFor(authority) : undefined).connect(end);
    await client.connect(attested ? attestTransport(transport, { agent, audience }) : transport);
  } else {
    const child = spawn(process.execPath, [script, "http"], { env, stdio: ["ignore", "pipe", "inherit"] });
    stop = () => void child.kill();
    const [port] = await once(child.stdout, "data");
    const url = new URL(`http://127.0.0.1:${Number(port)}/mcp`);
    const fetch = attestFetch({ agent, audience, endpoint: url });
    const transport = new StreamableHTTPClientTransport(url, attested ? { fetch } : {});
    await client.connect(transport as Parameters<Client["connect"]>[0]);
  }
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { content } = await client.callTool({ name, arguments: args });
    return (content as { text: string }[])[0]?.text;
  };
  return {
    name: `a call over ${wire}, ${inFlight} in flight, ${attested === false ? "plain" : `by ${attested}`} (client + server)`,
    async run(count) {
      for (let done = 0; done < count; done += inFlight) {
        await Promise.all(Array.from({ length: inFlight }, () => call("echo", { text: "x".repeat(200) })));
      }
    },
    elsewhere: async () => (wire === "memory" ? 0 : Number(await call("cpu"))),
    close: async () => {
      await client.close();
      stop();
    },
  };
}

/** A server in this process, as that in `call-server.ts`. */
function called(guard: AttestationGuard | undefined): McpServer {
  const server = new McpServer({ name: "called", version: "1.0.0" });
  server.registerTool("echo", { inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: "text", text }],
  }));
  return guard ? attestServer(server, guard) : server;
}

function guardFor({ verifierOptions }: Material["liveAuthority"]): AttestationGuard {
  return new AttestationGuard({ ...verifierOptions });
}
