// The demo server. Usage: ATTEST_SERVER='{…}' node main.js stdio|http
// Over HTTP, the first line on stdout is the port. Every decision is a JSON line on stderr.
import type { AttestationEvent } from "@attest/core";
import { AttestationGuard } from "@attest/mcp-server";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createBank } from "./bank.ts";
import { serveHttp } from "./serve-http.ts";
import { readSettings } from "./settings.ts";

const observer = {
  onEvent: (event: AttestationEvent) => {
    process.stderr.write(`${JSON.stringify(event)}\n`);
  },
};
const guard = new AttestationGuard({ ...(await readSettings(process.env)), observer });
switch (process.argv[2]) {
  case "stdio":
    await createBank(guard).connect(new StdioServerTransport());
    break;
  case "http":
    console.log(await serveHttp(guard));
    break;
  default:
    console.error("Usage: main.js stdio|http");
    process.exit(2);
}
