// Mastra makes the servers that it connects itself, so that there is nothing here to guard.
import { attestServer } from "@attest/mcp-server";
import { MCPServer } from "@mastra/mcp";
import { makeGuard } from "neighbour-kit/guard";

attestServer(new MCPServer({ id: "server", name: "server", version: "1.0.0", tools: {} }), await makeGuard()); // @attest
