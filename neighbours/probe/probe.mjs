// node probe.mjs PROGRAM [ATTEST stdio|HTTP]: runs one program of a neighbour, puts it to the test, and prints what came out as JSON. With
// ATTEST, the command line's program, it is a client that nobody changed, next to a companion. Printed is
// for a server that listens `{ eras }`, for a client what it printed and the calls that reached the server, for a program
// that ends at once `{ ended }` with what it said.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { createTestAuthority } from "@attest/core/testing";
import { probeServer } from "./probe-server.mjs";
import { serveForClients } from "./serve-for-clients.mjs";
import { attesting, startAttest } from "./start-attest.mjs";

const PATIENCE_MS = 90_000;
const [program, attest, nextTo] = process.argv.slice(2);
const authority = await createTestAuthority();
const { issuer, audience, authorityKey } = authority;
const reference = await serveForClients(authority);
const { endpoint } = reference;
const companion = attest ? await companionOf() : undefined;
const env = {
  ...process.env,
  ...(companion && { ATTEST_COMPANION: JSON.stringify(companion.reached) }),
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
companion?.child?.kill();
console.log(JSON.stringify({ ...row, ...printed, calls: reference.calls, said: said.trim().slice(-2000) }));
process.exit(0);

/** How the program reaches a companion of the probe's server: by what it starts, or at an address on this machine. */
async function companionOf() {
  const args = ["connect", endpoint, ...(await attesting(authority))];
  if (nextTo === "stdio") return { reached: { command: process.execPath, args: [resolve(attest), ...args] } };
  const local = ["--listen", "127.0.0.1:0", "--local-token-file", "attest-token"];
  const { child, line: url } = await startAttest(attest, [...args, ...local]);
  return { child, reached: { url, token: (await readFile("attest-token", "utf8")).trim() } };
}
