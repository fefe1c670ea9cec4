import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attestNodeHandler } from "@attest/mcp-server";
import { freePort } from "free-port";
import { expect, it, onTestFinished } from "vitest";
import { createScene, listen, request } from "./support.ts";

/** A configuration with connections to the server that are kept alive and shared by clients, as a busy proxy has them. */
const HAPROXY = (port: number, server: string) => `
global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend in
  bind 127.0.0.1:${port}
  default_backend mcp
backend mcp
  http-reuse always
  server one ${server} pool-max-conn 2
`;
const NGINX = (port: number, server: string, folder: string) => `
daemon off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream mcp { server ${server}; keepalive 2; }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    location / {
      proxy_pass http://mcp;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
    }
  }
}
`;

const PROXIES: [name: string, arguments_: (file: string) => string[], configuration: typeof NGINX][] = [
  ["haproxy", (file) => ["-f", file, "-db"], HAPROXY],
  ["nginx", (file) => ["-c", file], NGINX],
];

it.each(PROXIES)(
  "behind %s, bodies that are too large are told so and make no call of anybody else fail (SPEC-4.18)",
  async (name, argumentsFor, configuration) => {
    const program = programOf(name);
    if (!program) return;
    const scene = await createScene();
    const gate = attestNodeHandler((_, res, body) => res.end(JSON.stringify(body)), scene.guard());
    const server = new URL(await listen((req, res) => void gate(req, res)));
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "attest-proxy-"));
    const file = join(folder, "configuration");
    writeFileSync(file, configuration(port, server.host, folder));
    const proxy = spawn(program, argumentsFor(file), { stdio: "ignore" });
    onTestFinished(async () => {
      await end(proxy);
      rmSync(folder, { recursive: true });
    });
    const url = `http://127.0.0.1:${port}/mcp`;
    await until(async () => (await fetch(url, { method: "PUT" })).status === 405);

    const honest: number[] = [];
    const large: (number | undefined)[] = [];
    for (let round = 0; round < 10; round++) {
      const strangers = [1, 2].map(async () => large.push(await statusOfLarge(url)));
      const calls = [1, 2, 3].map(async (id) => {
        const answer = await fetch(url, await scene.alice.post(request(id, "tools/call", { name: "x" })));
        honest.push(answer.status);
      });
      await Promise.all([...strangers, ...calls]);
    }
    expect(honest).toEqual(Array(30).fill(200));
    expect(large).toEqual(Array(20).fill(413));
  },
);

/**
 * What a stranger's body of 5 MiB is answered with, on a connection of its own: a proxy may close one on which it answered
 * early, and a client that sends its next request just then hears nothing.
 */
async function statusOfLarge(url: string): Promise<number | undefined> {
  const sent = httpRequest(url, { method: "POST", agent: false });
  sent.end(Buffer.alloc(5 * 1024 * 1024, "x"));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  sent.on("error", () => {}).destroy();
  return response.statusCode;
}

/** The proxy, of Debian's package of that name. Where it is missing the test says so; with `CI` set it fails. */
function programOf(name: string): string | undefined {
  const found = [name, `/usr/sbin/${name}`].find((path) => spawnSync(path, ["-v"]).status === 0);
  if (found) return found;
  if (process.env["CI"]) throw new Error(`${name} is not on PATH; install Debian's package ${name}`);
  process.stderr.write(`SKIPPED: what happens behind ${name} is not tested: it is not on PATH\n`);
  return undefined;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (await condition().catch(() => false)) return;
    await new Promise(setImmediate);
  }
}

async function end(proxy: ChildProcess): Promise<void> {
  if (proxy.exitCode !== null) return;
  proxy.kill("SIGTERM");
  await once(proxy, "exit");
}
