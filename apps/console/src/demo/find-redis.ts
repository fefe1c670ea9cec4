import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";

/** A Redis that the demo may use. */
export interface FoundRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** Milliseconds that a started Redis has to listen. */
const START_DEADLINE_MS = 5000;

/**
 * The Redis that `REDIS_URL` names, else a `redis-server` or `valkey-server` of this machine, started on a free port with
 * nothing kept on disk; `undefined` if there is neither.
 */
export async function findRedis(environment: NodeJS.ProcessEnv = process.env): Promise<FoundRedis | undefined> {
  const url = environment["REDIS_URL"];
  if (url !== undefined && url !== "") return { url, stop: async () => {} };
  for (const program of ["redis-server", "valkey-server"]) {
    const started = await start(program);
    if (started) return started;
  }
  return undefined;
}

async function start(program: string): Promise<FoundRedis | undefined> {
  const port = await freePort();
  const options = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const child = spawn(program, options, { stdio: ["ignore", "pipe", "ignore"] });
  const listens = await new Promise<boolean>((resolve) => {
    const deadline = setTimeout(() => resolve(false), START_DEADLINE_MS);
    const settle = (answer: boolean) => {
      clearTimeout(deadline);
      resolve(answer);
    };
    // Not installed, or the port was taken meanwhile.
    child.once("error", () => settle(false));
    child.once("exit", () => settle(false));
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.includes("Ready to accept connections")) settle(true);
    });
  });
  if (listens) return { url: `redis://127.0.0.1:${port}`, stop: () => stop(child) };
  child.kill();
  return undefined;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
