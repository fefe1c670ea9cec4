import { once } from "node:events";
import { connect } from "node:net";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { createScene, recordingServer, request, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const SMUGGLED = "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** What some readers of HTTP take for one request and others for two: how its length is said, and its body. */
const AMBIGUOUS: Record<string, (body: string) => [fields: string, sent: string]> = {
  "two lengths that differ": (body) => [`Content-Length: ${body.length}\r\nContent-Length: 5`, body],
  "a length that is a list": (body) => [`Content-Length: ${body.length}, ${body.length}`, body],
  "a length with a sign": (body) => [`Content-Length: +${body.length}`, body],
  "a length and chunks": (body) => [`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked`, chunked(body)],
  "chunks that are not the last coding": (body) => ["Transfer-Encoding: chunked, identity", chunked(body)],
  "a coding that nobody knows": (body) => ["Transfer-Encoding: xchunked", chunked(body)],
  "a coding twice": (body) => ["Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", chunked(body)],
  "a length after a space": (body) => [`Content-Length : ${body.length}`, body],
  "a folded field": (body) => [`X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: ${body.length}`, body],
  "a line end in a chunk's size": (body) => [
    "Transfer-Encoding: chunked",
    `${body.length.toString(16)}\n${body}\r\n0\r\n\r\n`,
  ],
};

it.each(Object.keys(AMBIGUOUS))("sends nothing to the upstream of a request with %s (G2)", async (title) => {
  const { url, received } = await recordingServer();
  const endpoint = new URL(await scene.gateway(url));
  const { headers, body } = await scene.alice.post(request(1, "tools/call", { name: "add" }));
  const [length, sent] = AMBIGUOUS[title]?.(String(body)) ?? [];
  const fields = Object.entries(headers as Record<string, string>).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(Number(endpoint.port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let answer = "";
  socket.on("data", (piece) => {
    answer += piece;
  });
  socket.end(`POST /mcp HTTP/1.1\r\nHost: x\r\n${fields.join("")}${length}\r\n\r\n${sent}${SMUGGLED}`);
  await once(socket, "close");
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(received).toEqual([]);
});

it("sends a body that came in chunks with a length of its own, and neither trailers nor extensions (G2, SPEC-22.1)", async () => {
  const { url, received } = await recordingServer();
  const endpoint = new URL(await scene.gateway(url));
  const { headers, body } = await scene.alice.post(request(1, "tools/call", { name: "add" }));
  const fields = Object.entries(headers as Record<string, string>).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = String(body);
  const half = text.length >> 1;
  const pieces = [text.slice(0, half), text.slice(half)].map(
    (each) => `${each.length.toString(16)};a=b\r\n${each}\r\n`,
  );
  const socket = connect(Number(endpoint.port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const begin = `POST /mcp HTTP/1.1\r\nHost: x\r\nTrailer: Authorization\r\nTransfer-Encoding: chunked\r\n${fields.join("")}\r\n`;
  socket.write(`${begin}${pieces.join("")}0\r\nAuthorization: Bearer smuggled\r\n\r\n`);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  expect(received).toMatchObject([{ body: text, headers: { "content-length": String(text.length) } }]);
  expect(received[0]?.headers.authorization).toBeUndefined();
  expect(received[0]?.headers["transfer-encoding"]).toBeUndefined();
});
