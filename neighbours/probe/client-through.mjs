// node client-through.mjs ATTEST CLIENT URL: runs a client that nobody changed, a program that takes a server's address, with `attest connect`
// and `attest gateway` between it and the server at the address. Ends with the client's status.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startBoth } from "./start-both.mjs";

const [attest, client, upstream] = process.argv.slice(2);
const { url, end } = await startBoth(attest, upstream);
const child = spawn(process.execPath, [client, url], { stdio: "inherit" });
[process.exitCode] = await once(child, "exit");
await end();
