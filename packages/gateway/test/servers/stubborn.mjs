// Answers to initialize, says in a file how many of its kind run when it starts, and ignores every polite request to end.
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [, , file] = process.argv;
const isRunning = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
appendFileSync(file, `${process.pid}\n`);
const pids = readFileSync(file, "utf8").trim().split("\n").map(Number);
process.stderr.write(`${pids.filter(isRunning).length}\n`);
process.on("SIGTERM", () => {});
setInterval(() => {}, 1000);
createInterface(process.stdin).on("line", (line) => {
  const { id } = JSON.parse(line);
  if (id !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: {} })}\n`);
});
