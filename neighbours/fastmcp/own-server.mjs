// FastMCP makes the servers that it connects itself, so that there is nothing here to guard.
import { attestServer } from "@attest/mcp-server";
import { FastMCP } from "fastmcp";
import { makeGuard } from "neighbour-kit/guard";

attestServer(new FastMCP({ name: "server", version: "1.0.0" }), await makeGuard()); // @attest
