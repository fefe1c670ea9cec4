// A guarded server for clients to call. It serves both protocol eras, and remembers who called.
import { once } from "node:events";
import { createServer } from "node:http";
import { AttestationGuard, attestationOf, attestHandler, requireAttestation } from "@attest/mcp-server";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const say = (text) => ({ content: [{ type: "text", text }] });

/** Starts the server. Resolves to its endpoint and the subjects that called `whoami`, which grow. */
export async function serveForClients(authority) {
  const calls = [];
  const guard = new AttestationGuard(authority.verifierOptions);
  const elsewhere = requireAttestation({ issuer: "https://other.example" }, () => say("never"));
  const build = () => {
    const server = new McpServer({ name: "reference", version: "1.0.0" });
    const inputSchema = z.object({});
    server.registerTool("whoami", { description: "Says who calls", inputSchema }, (_args, context) => {
      const subject = attestationOf(context)?.subject ?? "nobody";
      calls.push(subject);
      return say(subject);
    });
    server.registerTool("elsewhere", { description: "For agents of another authority", inputSchema }, elsewhere);
    return server;
  };
  const http = createServer(toNodeHandler(attestHandler(createMcpHandler(build), guard))).listen(0, "127.0.0.1");
  await once(http, "listening");
  return { endpoint: `http://127.0.0.1:${http.address().port}/mcp`, calls };
}
