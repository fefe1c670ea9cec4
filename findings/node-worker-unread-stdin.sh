#!/usr/bin/env bash
# A Node worker thread that is given input which it never reads does not end, although its program has.
#
# Node 20.20.2, 22.23.3 and 24.21.0 (Linux, x64). A program that ignores its stdin ends as a child process, whatever is
# written to it. As a `Worker` with `stdin: true` it ends if nothing is written, and stays alive for good if anything is:
# no `exit` event, no error. The chunk makes the worker's `process.stdin` read ahead, which holds the worker's event loop
# until somebody consumes the stream. So a command-line program cannot be run in a worker with the input that a process
# of it would ignore. A way out: no `stdin: true`; pass the input as `workerData`, and set a `Readable` of it as
# `process.stdin` in the worker before its program is imported.
#
# Output seen:
#   child process, unread input: ended with 0
#   worker, no input: ended with 0
#   worker, unread input: still running after 5 s
#
# Exits with 0 if that is still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact node@24.21.0
cat >program.mjs <<'PROGRAM'
PROGRAM
cat >run.mjs <<'RUN'
import { spawn } from "node:child_process";
import { Worker } from "node:worker_threads";

const outcome = (started, end) =>
  new Promise((resolve) => {
    const limit = setTimeout(() => {
      resolve("still running after 5 s");
      end();
    }, 5000);
    started.once("exit", (status) => {
      clearTimeout(limit);
      resolve(`ended with ${status}`);
    });
  });

const child = spawn(process.execPath, ["program.mjs"]);
child.stdin.on("error", () => {}).end("input");
console.log("child process, unread input:", await outcome(child, () => child.kill()));
for (const [name, input] of [["no input"], ["unread input", "input"]]) {
  const worker = new Worker("./program.mjs", { stdin: true });
  if (input === undefined) worker.stdin.end();
  else worker.stdin.end(input);
  console.log(`worker, ${name}:`, await outcome(worker, () => worker.terminate()));
}
RUN
node_modules/.bin/node --version
node_modules/.bin/node run.mjs | tee seen
diff - seen <<'EXPECTED'
child process, unread input: ended with 0
worker, no input: ended with 0
worker, unread input: still running after 5 s
EXPECTED
