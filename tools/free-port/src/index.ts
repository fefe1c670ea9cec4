import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections, which else take a free one before its server listens. */
const [FIRST, COUNT] = [10_000, 20_000];

/** A port that nothing listens on, on loopback. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const server = createServer();
    const free = await Promise.race([
      once(server.listen(port, "127.0.0.1"), "listening").then(() => true),
      once(server, "error").then(() => false),
    ]).catch(() => false);
    if (!free) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
