import type { IncomingMessage, ServerResponse } from "node:http";
import type { StatusListPublisher } from "./status-list-publisher.ts";

/** The `handler` of a publisher for `node:http` and Express: mount it for GET and HEAD. */
export function createNodeStatusListHandler(
  publisher: Pick<StatusListPublisher, "answer">,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const { status, headers, body } = await publisher.answer(req.method ?? "", req.headers["if-none-match"]);
    res.writeHead(status, { ...headers }).end(body);
  };
}
