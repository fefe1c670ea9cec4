// The handler parses the request's text itself: the guarded servers find the identity again by a reference in the message.
import { attestationOf, attestHandler, attestServer } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp";
import { makeGuard } from "neighbour-kit/guard";
import { whoami } from "neighbour-kit/server";

let guard;
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
  return attestServer(server, guard); // @attest
});

let guarded;
export default {
  async fetch(request, env, context) {
    guard ??= await makeGuard(env.ATTEST_TRUST);
    guarded ??= attestHandler(handler, guard, { reparsed: true }); // @attest
    return guarded(request, env, context);
  },
};
