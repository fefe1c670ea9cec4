import { createServer } from "node:http";
import { createInterface } from "node:readline";

/**
 * For each line of stdin, `{ wire, ...settings }` as JSON, serves on a free port of the loopback address and prints that
 * port; ends when stdin does, so when its parent does.
 *
 * @param handlerOf Makes the handler of a wire with these settings, maybe later.
 */
export async function serveEach(handlerOf) {
  for await (const line of createInterface(process.stdin)) {
    const { wire, ...settings } = JSON.parse(line);
    const handler = await handlerOf(wire, settings);
    const server = createServer((req, res) => void handler(req, res));
    // Longer than any pause of a busy machine, so that no connection ends just as a client uses it again.
    server.keepAliveTimeout = 60_000;
    // A thousand calls at once come on as many connections; those beyond Node's 511 would wait, and time out where it is busy.
    await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, resolve));
    process.stdout.write(`${server.address().port}\n`);
  }
  process.exit(0);
}
