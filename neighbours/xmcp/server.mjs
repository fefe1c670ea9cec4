// xmcp's own server parses bodies before anything of its user's; its adapter for Express is mounted behind the gate.
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { attestNodeHandler } from "@attest/mcp-server";
import { makeGuard } from "neighbour-kit/guard";
import { ready } from "neighbour-kit/server";

execFileSync(process.execPath, ["node_modules/xmcp/dist/cli.js", "build"], { stdio: ["ignore", "ignore", "inherit"] });
const { xmcpHandler } = createRequire(import.meta.url)("./.xmcp/adapter/index.js");

const gate = attestNodeHandler(xmcpHandler, await makeGuard()); // @attest
const http = createServer(gate).listen(0, "127.0.0.1", () => ready(http));
