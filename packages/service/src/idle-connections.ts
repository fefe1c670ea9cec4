import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Ends connections on which no request has come for so many milliseconds since the last one was answered. Node's own timeouts
 * do not see a client that sends line ends between requests: each of them counts as life, and none as the begin of a request.
 */
export function endIdleConnections(server: Server, milliseconds: number): void {
  const connections = new WeakMap<Socket, { underWay: number; timer?: NodeJS.Timeout }>();
  server.on("request", ({ socket }, response) => {
    const connection = connections.get(socket) ?? { underWay: 0 };
    connections.set(socket, connection);
    connection.underWay++;
    response.on("close", () => {
      connection.underWay--;
      if (connection.underWay > 0 || socket.destroyed) return;
      // One timer for all its requests: it counts for nothing while one of them is under way.
      connection.timer ??= setTimeout(() => connection.underWay === 0 && socket.destroy(), milliseconds).unref();
      connection.timer.refresh();
    });
  });
  const forget = (socket: Socket) => socket.once("close", () => clearTimeout(connections.get(socket)?.timer));
  server.on("connection", forget);
  server.on("secureConnection", forget);
}
