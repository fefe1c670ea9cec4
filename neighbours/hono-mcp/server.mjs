// The transport takes Hono's context, which the gate passes on, and the message that the gate has read.
import { attestationOf, attestHandler, attestServer } from "@attest/mcp-server";
import { StreamableHTTPTransport } from "@hono/mcp";
import { serve } from "@hono/node-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { Hono } from "hono";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const server = new McpServer({ name: "server", version: "1.0.0" });
server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
attestServer(server, guard); // @attest
const transport = new StreamableHTTPTransport();
await server.connect(transport);

const app = new Hono();
const fetch = (_request, { c, parsedBody }) => transport.handleRequest(c, parsedBody);
const gate = attestHandler({ fetch }, guard); // @attest
app.all("/mcp", (c) => gate.fetch(c.req.raw, { c })); // @attest
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => ready(port));
