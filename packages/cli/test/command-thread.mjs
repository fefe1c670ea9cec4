// The published command in a thread of a test's process: `workerData` is `{ program, input }`.
import { Readable } from "node:stream";
import { workerData } from "node:worker_threads";

// What a command leaves unread of a thread's own stdin would keep the thread from ending.
Object.defineProperty(process, "stdin", { value: Readable.from([Buffer.from(workerData.input)]) });
await import(workerData.program);
