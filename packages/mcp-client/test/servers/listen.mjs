import { createServer } from "node:http";

/** Serves on a free port of the loopback address and prints that port as the first line; ends when its parent does. */
export async function listen(handler) {
  const server = createServer((req, res) => void handler(req, res));
  // Longer than any pause of a busy machine, so that no connection ends just as a client uses it again.
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.stdout.write(`${server.address().port}\n`);
  process.stdin.on("end", () => process.exit(0)).resume();
}
