import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Requests under way have this many milliseconds to end when a server is closed. */
const CLOSE_DEADLINE_MS = 3000;

/** A listening server. */
export interface Listening {
  readonly port: number;
  /** Takes no more requests, and lets those under way end. */
  close(): Promise<void>;
}

/** Makes a server listen. */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_DEADLINE_MS);
        server.close(() => {
          clearTimeout(deadline);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
