// node behind.mjs ATTEST NEIGHBOUR: runs a server that nobody changed behind `attest gateway`, in the present folder, and puts it to the
// test. Prints `{ eras }` as JSON. ATTEST is the command line's program, NEIGHBOUR an entry of package.json.
import { once } from "node:events";
import { createTestAuthority } from "@attest/core/testing";
import { probeServer } from "./probe-server.mjs";
import { startAttest, trusting } from "./start-attest.mjs";
import { startServer } from "./start-server.mjs";

const [attest, written] = process.argv.slice(2);
const { behind, command, calls } = JSON.parse(written);
const authority = await createTestAuthority();
const server = behind === "HTTP" ? await startServer(command) : undefined;
const trust = ["--listen", "127.0.0.1:0", ...(await trusting(authority))];
const where = server ? ["--upstream", server.url] : ["--", process.execPath, ...command];
const { child, line } = await startAttest(attest, ["gateway", ...trust, ...where]);
const eras = await probeServer(new URL("mcp", line), authority, calls);
server?.child.kill();
child.kill();
await once(child, "exit");
console.log(JSON.stringify({ eras }));
process.exit(0);
