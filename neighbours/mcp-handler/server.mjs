// The handler is a function that reads the request itself.
import { attestationOf, attestHandler } from "@attest/mcp-server";
import { serve } from "@hono/node-server";
import { createMcpHandler } from "mcp-handler";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const handler = createMcpHandler((server) => {
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
});

const guarded = attestHandler(handler, guard); // @attest
serve({ fetch: (request) => guarded(request), port: 0, hostname: "127.0.0.1" }, ({ port }) => ready(port));
