import { attestationOf, attestHandler } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp";
import { makeGuard } from "neighbour-kit/guard";
import { whoami } from "neighbour-kit/server";

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
  return server;
});

let guarded;
export default {
  async fetch(request, env, context) {
    guarded ??= attestHandler(handler, await makeGuard(env.ATTEST_TRUST)); // @attest
    return guarded(request, env, context);
  },
};
