// Runs the published command again and again in one thread of a test's process, each time with arguments, streams, environment
// and exit status of its own: `workerData` is the program, each message `{ args, input, env }`, and the last one `undefined`.
import { Readable } from "node:stream";
import { parentPort, workerData } from "node:worker_threads";

/** What the command has written to each stream, until it ends. */
const written = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"]) {
  const decoder = new TextDecoder();
  process[name].write = (chunk, encoding, callback) => {
    written[name] += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const done = typeof encoding === "function" ? encoding : callback;
    if (done) queueMicrotask(done);
    return true;
  };
}

let runs = 0;
parentPort.on("message", async (run) => {
  // The last: no command may have left anything that keeps the thread from ending, as it would keep a process.
  if (run === undefined) return parentPort.close();
  const { args, input, env } = run;
  process.argv.splice(2, Infinity, ...args);
  Object.defineProperty(process, "stdin", { configurable: true, value: Readable.from([Buffer.from(input)]) });
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  const listeners = process.stdout.listeners("error");
  // The query makes it a new module, which runs; what it imports is loaded already.
  await import(`${workerData}?run=${++runs}`);
  for (const added of process.stdout.listeners("error")) {
    if (!listeners.includes(added)) process.stdout.off("error", added);
  }
  parentPort.postMessage({ status: process.exitCode ?? 0, ...written });
  Object.assign(written, { stdout: "", stderr: "" });
});
