// The server is a Hono application that reads the request itself.
import { attestationOf, attestHandler } from "@attest/mcp-server";
import { serve } from "@hono/node-server";
import { MCPServer } from "mcp-use";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const server = new MCPServer({ name: "server", title: "Server", version: "1.0.0" });
server.tool({ name: "whoami", description: "Says who calls" }, async (_args, { params }) =>
  whoami(attestationOf(params)),
);

const guarded = attestHandler(server, guard); // @attest
serve({ fetch: (request) => guarded.fetch(request), port: 0, hostname: "127.0.0.1" }, ({ port }) => ready(port));
