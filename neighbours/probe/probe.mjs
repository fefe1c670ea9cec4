// node probe.mjs PROGRAM: runs one program of a neighbour, puts it to the test, and prints what came out as JSON:
// for a server that listens `{ eras }`, for a client what it printed and the calls that reached the server, for a program
// that ends at once `{ ended }` with what it said.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { createTestAuthority } from "@attest/core/testing";
import { probeServer } from "./probe-server.mjs";
import { serveForClients } from "./serve-for-clients.mjs";

const PATIENCE_MS = 90_000;
const [program] = process.argv.slice(2);
const authority = await createTestAuthority();
const { issuer, audience, authorityKey } = authority;
const reference = await serveForClients(authority);
const { endpoint } = reference;
const env = {
  ...process.env,
  ATTEST_TRUST: JSON.stringify({ issuer, audience, jwk: authorityKey.toJwk() }),
  ATTEST_AGENT: JSON.stringify({ issuer, audience, endpoint, jwk: await authorityKey.toPrivateJwk() }),
};
const child = spawn(process.execPath, [program], { cwd: dirname(program), env, stdio: ["ignore", "pipe", "pipe"] });
let said = "";
const printed = {};
child.stderr.on("data", (chunk) => {
  said += chunk;
});
const listening = new Promise((resolve) => {
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (/^\{"(endpoint|whoami)":/.test(line)) Object.assign(printed, JSON.parse(line));
    else said += `${line}\n`;
    if (printed.endpoint) resolve("listens");
  });
});
const outcome = await Promise.race([
  listening,
  once(child, "close").then(() => "ended"),
  new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, "waits").unref()),
]);
const row = outcome === "listens" ? { eras: await probeServer(printed.endpoint, authority) } : { [outcome]: true };
child.kill();
console.log(JSON.stringify({ ...row, ...printed, calls: reference.calls, said: said.trim().slice(-2000) }));
process.exit(0);
