import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Ends connections on which no request has come for so many milliseconds since the last one was answered. Node's own timeouts
 * do not see a client that sends line ends between requests: each of them counts as life, and none as the begin of a request.
 */
export function endIdleConnections(server: Server, milliseconds: number): void {
  const underWay = new WeakMap<Socket, number>();
  const timers = new WeakMap<Socket, NodeJS.Timeout>();
  server.on("request", ({ socket }, response) => {
    clearTimeout(timers.get(socket));
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (underWay.get(socket) ?? 1) - 1;
      underWay.set(socket, left);
      if (left > 0 || socket.destroyed) return;
      const timer = setTimeout(() => socket.destroy(), milliseconds).unref();
      timers.set(socket, timer);
    });
  });
  const forget = (socket: Socket) => socket.once("close", () => clearTimeout(timers.get(socket)));
  server.on("connection", forget);
  server.on("secureConnection", forget);
}
