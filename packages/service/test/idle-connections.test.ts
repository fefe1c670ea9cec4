import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { listen } from "@attest/service";
import { expect, it, onTestFinished } from "vitest";
import { endIdleConnections } from "../src/idle-connections.ts";

const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));
const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

it.each(["\r\n", "\r", "\n", ""])("ends a connection on which nothing comes but %j (G4)", async (drop) => {
  const server = createServer((_req, res) => void res.end("ok"));
  endIdleConnections(server, 100);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
  socket.resume().write(GET);
  const trickle = setInterval(() => socket.write(drop), 10);
  onTestFinished(() => clearInterval(trickle));
  await closed(socket);
});

it("ends none on which a request is under way, or comes in time", async () => {
  const answers: (() => void)[] = [];
  const server = createServer((_req, res) => void answers.push(() => res.end("ok")));
  endIdleConnections(server, 20);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (piece) => {
    text += piece;
  });
  // The second comes while the first is not answered, and is answered long after it.
  socket.write(GET + GET);
  await expect.poll(() => answers.length).toBe(2);
  answers[0]?.();
  // As long as it takes for a connection that is idle to end.
  const other = connect((server.address() as AddressInfo).port, "127.0.0.1").resume();
  other.write(GET);
  await expect.poll(() => answers.length).toBe(3);
  answers[2]?.();
  await closed(other);
  answers[1]?.();
  await expect.poll(() => text.match(/200 OK/g)).toHaveLength(2);
});

it.runIf(process.platform === "linux")("has the system ask whether a silent peer is still there (G4)", async () => {
  const served = await listen((_req, res) => res.writeHead(200).flushHeaders(), { host: "127.0.0.1", port: 0 });
  const socket = connect(Number(served.url.port), "127.0.0.1");
  onTestFinished(async () => {
    socket.destroy();
    await served.close(0);
  });
  socket.write(GET);
  await once(socket, "data");
  const port = (hex: number) => hex.toString(16).toUpperCase().padStart(4, "0");
  const [own, peer] = [port(Number(served.url.port)), port(socket.localPort as number)];
  const line = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .find((each) => each.includes(`:${own} `) && each.includes(`:${peer} `) && each.indexOf(own) < each.indexOf(peer));
  // Of the timers that a socket may have, 02 is the one of keep-alive probes.
  expect(line?.trim().split(/\s+/)[5]).toMatch(/^02:/);
});
