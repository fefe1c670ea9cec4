import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attestNodeHandler } from "@attest/mcp-server";
import { freePort } from "free-port";
import { describe, expect, it, onTestFinished } from "vitest";
import { createScene, listen, request } from "./support.ts";

/** A proxy as `deploy` configures it, and as the guide shows it. */
interface Proxy {
  readonly name: string;
  readonly file: string;
  /** Around the file, where that is a part of a configuration. */
  readonly main?: string;
  arguments(folder: string): string[];
}

const NGINX_MAIN = `
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include nginx.conf;
}
`;
const PROXIES: Proxy[] = [
  { name: "haproxy", file: "haproxy.cfg", arguments: (folder) => ["-f", join(folder, "haproxy.cfg"), "-db"] },
  {
    name: "nginx",
    file: "nginx.conf",
    main: NGINX_MAIN,
    arguments: (folder) => ["-p", folder, "-c", "main.conf", "-e", "error.log", "-g", "daemon off; pid pid;"],
  },
];
/** The addresses in the files, which a test replaces by free ones. */
const [PUBLIC, SERVER] = ["127.0.0.1:8480", "127.0.0.1:9000"];

const configurationOf = ({ file }: Proxy) => readFileSync(new URL(`../../../deploy/${file}`, import.meta.url), "utf8");

describe.each(PROXIES)("behind $name, as the guide configures it", (proxy) => {
  it("is what the guide shows", () => {
    const guide = readFileSync(new URL("../../../docs/behind-a-proxy.md", import.meta.url), "utf8");
    expect(guide).toContain(`\n${configurationOf(proxy)}\`\`\``);
  });

  it("bodies that are too large are told so and make no call of anybody else fail (SPEC-4.18)", async () => {
    const scene = await createScene();
    const gate = attestNodeHandler((_, res, body) => res.end(JSON.stringify(body)), scene.guard());
    const url = await behind(proxy, (req, res) => void gate(req, res));
    if (!url) return;
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
  });

  it("a request whose connection to the server is lost is not sent again", async () => {
    let lost = 0;
    const url = await behind(proxy, (req, res) => {
      if (req.url !== "/lost") res.end();
      else {
        lost++;
        req.socket.destroy();
      }
    });
    if (!url) return;
    // Over a connection that is kept from before: the one that proxies are readiest to try again.
    await (await fetch(url)).text();
    await fetch(new URL("/lost", url)).catch(() => undefined);
    expect(lost).toBe(1);
  });

  it("the largest attestation reaches the guard, and the largest fields of an answer the agent", async () => {
    const large = "x".repeat(6 * 1024);
    const url = await behind(proxy, (req, res) => {
      res.setHeader("Agent-Attestation-Ticket", large);
      res.setHeader("Link", large);
      res.end(String(req.headers["agent-attestation"]).length.toString());
    });
    if (!url) return;
    const proof = "x".repeat(2 * 1024);
    const answer = await fetch(url, { headers: { "Agent-Attestation": large, "Agent-Attestation-Proof": proof } });
    expect([answer.status, await answer.text()]).toEqual([200, "6144"]);
    expect(answer.headers.get("Agent-Attestation-Ticket")).toBe(large);
  });

  it("the access token and the session go through, and each event of a stream at once", async () => {
    const seen: unknown[] = [];
    let response: ServerResponse | undefined;
    const url = await behind(proxy, (req, res) => {
      seen.push(req.headers.authorization, req.headers["mcp-session-id"]);
      res.setHeader("Content-Type", "text/event-stream");
      response = res;
      res.write("data: 0\n\n");
    });
    if (!url) return;
    const answer = await fetch(url, { headers: { Authorization: "Bearer token", "Mcp-Session-Id": "one" } });
    const events = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    // Each event is written only after the one before it was read.
    for (let i = 0; i < 3; i++) {
      expect((await events.read()).value).toBe(`data: ${i}\n\n`);
      response?.write(`data: ${i + 1}\n\n`);
    }
    response?.end();
    expect(seen).toEqual(["Bearer token", "one"]);
  });
});

/** The address of a server behind a proxy, both running until the test ends; `undefined` where the proxy is not installed. */
async function behind(proxy: Proxy, listener: RequestListener): Promise<string | undefined> {
  const program = programOf(proxy.name);
  if (!program) return undefined;
  // What tells that the proxy is ready is not for the test's own server to see.
  const server = new URL(await listen((req, res) => (req.method === "PUT" ? res.end() : listener(req, res))));
  const address = `127.0.0.1:${await freePort()}`;
  const folder = mkdtempSync(join(tmpdir(), "attest-proxy-"));
  const configuration = configurationOf(proxy).replace(PUBLIC, address).replace(SERVER, server.host);
  writeFileSync(join(folder, proxy.file), configuration);
  if (proxy.main) writeFileSync(join(folder, "main.conf"), proxy.main);
  const running = spawn(program, proxy.arguments(folder), { stdio: "ignore" });
  onTestFinished(async () => {
    await end(running);
    rmSync(folder, { recursive: true });
  });
  const url = `http://${address}/mcp`;
  await until(async () => {
    if (running.exitCode !== null) throw new Error(`${proxy.name} ended: its configuration is wrong`);
    return fetch(url, { method: "PUT" }).then(
      ({ status }) => status === 200,
      () => false,
    );
  });
  return url;
}

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
    if (await condition()) return;
    await new Promise(setImmediate);
  }
}

async function end(proxy: ChildProcess): Promise<void> {
  if (proxy.exitCode !== null) return;
  proxy.kill("SIGTERM");
  await once(proxy, "exit");
}
