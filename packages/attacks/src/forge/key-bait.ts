import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { PublicJwk } from "@attest/core";

/** A place on this machine that a token can point to: it serves keys to anyone who asks, and remembers that somebody did. */
export interface KeyBait {
  readonly url: string;
  readonly taken: boolean;
  close(): Promise<void>;
}

/** Lays a key set out on a free loopback port. */
export async function layKeyBait(keys: readonly PublicJwk[]): Promise<KeyBait> {
  let taken = false;
  const server = createServer((_, res) => {
    taken = true;
    res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    get taken() {
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
