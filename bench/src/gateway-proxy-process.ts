// What stands before the server: node gateway-proxy-process.js plain URL, or gateway FILE. Tells what it costs whenever it is asked.
import { subscribe } from "node:diagnostics_channel";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { runGateway } from "@attest/gateway/node";

/** Connections to the server. */
const upstreams: Socket[] = [];
subscribe("net.client.socket", (message) => void upstreams.push((message as { socket: Socket }).socket));

/** A reverse proxy that pipes both ways and looks at nothing: the least that Node can do. */
function startPlain(upstream: string): Promise<string> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((req, res) => {
    const sent = request(upstream, { method: req.method ?? "GET", headers: req.headers, agent }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      res.flushHeaders();
      answer.pipe(res);
    });
    sent.once("error", () => res.destroy());
    res.once("close", () => sent.destroy());
    req.pipe(sent);
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)),
  );
}

/** The gateway as `attest gateway --config` runs it. */
async function startGateway(file: string): Promise<string> {
  const { url } = await runGateway(file, { report: (problem) => console.error(String(problem)) });
  return new URL("mcp", url).href;
}

const ANSWERS = {
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  async memory() {
    // What ended a moment ago is let go of by the second time.
    for (let i = 0; i < 2; i++) {
      global.gc?.();
      await sleep(50);
    }
    return process.memoryUsage.rss();
  },
  taken: () => upstreams.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
} as const;

process.on("message", async ({ what }: { what: keyof typeof ANSWERS }) => process.send?.(await ANSWERS[what]()));
const [kind, where = ""] = process.argv.slice(2);
process.send?.(await (kind === "plain" ? startPlain(where) : startGateway(where)));
