// The same with an application in front, which has the SDK's Host check and no parser.
import { attestationOf, attestNodeHandler } from "@attest/mcp-server";
import { createMcpExpressApp, localhostHostValidation } from "@modelcontextprotocol/express";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import express from "express";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const handle = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: "server", version: "1.0.0" });
    server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
    return server;
  }),
);

const outer = express();
outer.use("/mcp", localhostHostValidation(), attestNodeHandler(handle, guard)); // @attest
outer.use(createMcpExpressApp()); // @attest
const http = outer.listen(0, "127.0.0.1", () => ready(http));
