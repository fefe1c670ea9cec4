// A server over stdio that answers one request, closes its stdin, and goes on.
import { closeSync, readSync, writeSync } from "node:fs";

const line = Buffer.alloc(64 * 1024);
const { id } = JSON.parse(line.subarray(0, readSync(0, line)).toString());
closeSync(0);
writeSync(1, `${JSON.stringify({ jsonrpc: "2.0", id, result: {} })}\n`);
setInterval(() => {}, 1000);
