import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { StatusListPublisher } from "@attest/status-list";

/** What is wrong with the server of a list. */
export type ListFault = "none" | "down" | "slow" | "rolled back";

/** Milliseconds that a slow server takes: longer than any deadline. */
const SLOW_MS = 30_000;

/** The server of a list, in front of its publisher, with whatever is wrong with it. */
export class ListServer {
  fault: ListFault = "none";
  readonly #server: Server;
  #publisher: StatusListPublisher | undefined;
  /** The list as it was before anything was revoked. */
  #old = "";

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ListServer> {
    const server = createServer();
    const list = new ListServer(server);
    server.on("request", async (request, response) => {
      if (list.fault === "down") {
        request.socket.destroy();
        return;
      }
      if (list.fault === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS).unref());
      if (list.fault === "rolled back") {
        response.writeHead(200, { "content-type": "application/statuslist+jwt" }).end(list.#old);
        return;
      }
      const answer = await list.#publisher?.answer(request.method ?? "", request.headers["if-none-match"]);
      response.writeHead(answer?.status ?? 503, answer?.headers).end(answer?.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return list;
  }

  get uri(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/status/1`;
  }

  async publish(publisher: StatusListPublisher): Promise<void> {
    this.#publisher = publisher;
    this.#old = await publisher.token();
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
