// A server over stdio that ignores every polite request to end, as does what it starts; it names both in a file.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [, , file] = process.argv;
const stay = "process.on('SIGTERM', () => {}); process.on('SIGHUP', () => {}); setInterval(() => {}, 1000)";
const own = spawn(process.execPath, ["-e", stay], { stdio: "ignore" });
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => {});
setInterval(() => {}, 1000);
createInterface(process.stdin).on("line", (line) => {
  const { id, params } = JSON.parse(line);
  const result = {
    protocolVersion: params?.protocolVersion,
    capabilities: {},
    serverInfo: { name: "x", version: "1" },
  };
  appendFileSync(file, `${process.pid}\n${own.pid}\n`);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
});
