import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "./exit.ts";

/**
 * Serves one path on this machine's loopback until the process is told to stop, and prints its address.
 *
 * @throws UsageError where it cannot listen.
 */
export async function serveOnLoopback(
  path: string,
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    if (request.url === path) answer(request, response).catch(() => response.destroy());
    else response.writeHead(404).end();
  });
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(new UsageError(`Cannot listen on port ${port} (${error.code ?? "unknown"})`));
    });
    server.listen(port, "127.0.0.1", () => resolve(server.address() as AddressInfo));
  });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
  console.log(`http://127.0.0.1:${address.port}${path}`);
  await stopped;
  server.close();
  server.closeAllConnections();
}
