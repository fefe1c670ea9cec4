import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a server over which the peers can lose each other without a word. */
export interface Relay {
  /** The server's endpoint by this way. */
  readonly url: string;
  /** From now on nothing passes over the connections that are open, which both sides go on to take for open. New ones pass. */
  vanish(): void;
}

/** Relays connections to a server until the test ends. */
export async function vanishingRelay(endpoint: string): Promise<Relay> {
  const target = new URL(endpoint);
  const open = new Set<readonly [Socket, Socket]>();
  const all: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    open.add(pair);
    all.push(near, far);
    for (const [from, to] of [pair, [far, near]] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => open.has(pair) && to.destroy());
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of all) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(endpoint), { port: String(port) }).href,
    vanish() {
      for (const pair of open) {
        for (const socket of pair) socket.unpipe().pause();
        open.delete(pair);
      }
    },
  };
}
