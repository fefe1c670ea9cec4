// The server behind both proxies: answers calls with the text that they bring, and keeps streams open. A stream whose
// last event is "without-end" gets events as fast as they are taken.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const EVENT = `data: ${JSON.stringify({ jsonrpc: "2.0", method: "x", params: { text: "y".repeat(65_000) } })}\n\n`;

function flood(res: ServerResponse): void {
  while (!res.destroyed && res.write(EVENT));
  res.once("drain", () => flood(res));
}

const server = createServer((req, res) => {
  if (req.method === "GET") {
    res.writeHead(200, { "Content-Type": "text/event-stream" }).write(": open\n\n");
    if (req.headers["last-event-id"] === "without-end") flood(res);
    return;
  }
  const pieces: Buffer[] = [];
  req.on("data", (piece: Buffer) => pieces.push(piece));
  req.once("end", () => {
    const { id, params } = JSON.parse(Buffer.concat(pieces).toString());
    const content = [{ type: "text", text: params?.arguments?.text ?? "" }];
    const body = JSON.stringify({ jsonrpc: "2.0", id, result: { content } });
    res.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }).end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
});
