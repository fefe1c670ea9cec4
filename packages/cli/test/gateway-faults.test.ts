import { connect } from "node:net";
import { join } from "node:path";
import { AttestingAgent, attestTransport, localSource } from "@attest/mcp-client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { RedisServer, requireRedis } from "redis-harness";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { BIN, workFolder } from "./attest.ts";
import { FaultScene, isRunning, kill, linesIn, messageOf, STUBBORN_SERVER } from "./fault/scene.ts";

const folder = workFolder();
const hasRedis = requireRedis("faults of a gateway's Redis");
let scene: FaultScene;
beforeAll(async () => {
  scene = await FaultScene.open(folder);
});

const reasonOf = async (response: Response) => (await messageOf(response)).error?.data?.reason;
const failed = (id: number) => ({ id, error: { code: -32603 } });

it("a server that is killed in a call: the caller is told, and no call is executed twice (SPEC-22.9, SPEC-22.10)", async () => {
  const upstream = await scene.server("killed-server");
  const first = await upstream.start();
  const gateway = await scene.gateway("killed-server", { url: upstream.url });
  await gateway.start();
  expect((await messageOf(await fetch(gateway.endpoint, await scene.call(1, "add")))).result).toBeDefined();
  const hanging = fetch(gateway.endpoint, await scene.call(2, "hang"));
  await expect.poll(upstream.executed, { timeout: 10_000 }).toEqual(["1", "2"]);
  await kill(first);
  expect(await messageOf(await hanging)).toMatchObject(failed(2));
  expect(await messageOf(await fetch(gateway.endpoint, await scene.call(3, "add")))).toMatchObject(failed(3));
  await upstream.start();
  expect((await messageOf(await fetch(gateway.endpoint, await scene.call(4, "add")))).result).toBeDefined();
  expect(upstream.executed()).toEqual(["1", "2", "4"]);
});

it("a server that stands still: the caller is told in time, and nothing is sent again when it goes on (SPEC-22.9, SPEC-22.10)", async () => {
  const upstream = await scene.server("frozen-server");
  const running = await upstream.start();
  const gateway = await scene.gateway("frozen-server", { url: upstream.url, timeout: 0.5 });
  await gateway.start();
  running.kill("SIGSTOP");
  const answers = await Promise.all(
    [1, 2, 3].map(async (id) => messageOf(await fetch(gateway.endpoint, await scene.call(id, "add")))),
  );
  expect(answers).toMatchObject([1, 2, 3].map(failed));
  running.kill("SIGCONT");
  expect((await messageOf(await fetch(gateway.endpoint, await scene.call(4, "add")))).result).toBeDefined();
  const executed = upstream.executed();
  expect(new Set(executed).size).toBe(executed.length);
});

describe.each([
  ["with its own memory", false, "attestation_expired"],
  ["with Redis", true, "attestation_replay"],
])("a gateway that is killed in a call, %s", (title, withRedis, reason) => {
  it.skipIf(withRedis && !hasRedis)("executes the same request never again (M6, R17, SPEC-22.10)", async () => {
    const redis = withRedis ? await RedisServer.start() : undefined;
    onTestFinished(() => redis?.stop());
    const name = title.replaceAll(" ", "-");
    const upstream = await scene.server(name);
    await upstream.start();
    const replay = redis && { replay: { redis: redis.url } };
    const gateway = await scene.gateway(name, { url: upstream.url }, replay);
    const first = await gateway.start();
    const sent = await scene.call(1, "hang");
    const hanging = fetch(gateway.endpoint, sent).catch((error: unknown) => error);
    await expect.poll(upstream.executed, { timeout: 10_000 }).toEqual(["1"]);
    await kill(first);
    expect(await hanging).toBeInstanceOf(Error);
    await gateway.start();
    const refused = await messageOf(await fetch(gateway.endpoint, sent));
    expect(refused.error.data.reason).toBe(reason);
    expect((await messageOf(await fetch(gateway.endpoint, await scene.call(2, "add")))).result).toBeDefined();
    expect(upstream.executed()).toEqual(["1", "2"]);
  });
});

it.skipIf(!hasRedis)("a Redis that is killed: nothing passes until it is there again (R7)", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const upstream = await scene.server("killed-redis");
  await upstream.start();
  // Without a tolerance, uses pass again as soon as no replica's clock can be behind the loss.
  const stored = { replay: { redis: redis.url }, clockTolerance: 0 };
  const gateway = await scene.gateway("killed-redis", { url: upstream.url }, stored);
  await gateway.start();
  const used = await scene.call(1, "add");
  expect((await messageOf(await fetch(gateway.endpoint, used))).result).toBeDefined();
  await redis.kill();
  const refused = await fetch(gateway.endpoint, await scene.call(2, "add"));
  expect(await reasonOf(refused)).toBe("attestation_unavailable");
  expect(upstream.executed()).toEqual(["1"]);
  await redis.run();
  let id = 2;
  const ask = async () => (await messageOf(await fetch(gateway.endpoint, await scene.call(++id, "add")))).result;
  await expect.poll(ask, { timeout: 20_000, interval: 500 }).toBeDefined();
  expect(await reasonOf(await fetch(gateway.endpoint, used))).toBe("attestation_unavailable");
  expect(upstream.executed()).toEqual(["1", String(id)]);
});

describe("a gateway that is killed leaves no process behind (SPEC-22.15)", () => {
  const gone = (file: string) => {
    const pids = [...new Set(linesIn(file).map(Number))];
    onTestFinished(() => pids.filter(isRunning).forEach((pid) => void process.kill(pid, "SIGKILL")));
    expect(pids).toHaveLength(2);
    return expect.poll(() => pids.filter(isRunning), { timeout: 20_000 }).toEqual([]);
  };

  it("of those that serve sessions", async () => {
    const file = join(folder, "http.pids");
    const gateway = await scene.gateway("http-children", { command: [process.execPath, STUBBORN_SERVER, file] });
    const running = await gateway.start();
    const opened = await fetch(gateway.endpoint, await scene.request(1, "initialize"));
    expect((await messageOf(opened)).result).toBeDefined();
    await kill(running);
    await gone(file);
  });

  it("of the one that it guards for a host", async () => {
    const file = join(folder, "stdio.pids");
    const { audience, issuer } = scene.authority;
    const trust = ["--audience", audience, "--issuer", issuer, "--jwks", join(folder, "keys.json")];
    const command = ["--trust-domain", "example.com", "--", process.execPath, STUBBORN_SERVER, file];
    const inner = new StdioClientTransport({
      command: process.execPath,
      args: [BIN, "gateway", ...trust, ...command],
      stderr: "ignore",
    });
    const source = localSource(scene.authority.attestationIssuer, scene.authority.identity);
    const client = new Client({ name: "host", version: "1.0.0" });
    await client.connect(attestTransport(inner, { agent: new AttestingAgent({ source }), audience }) as never);
    onTestFinished(() => client.close());
    process.kill(inner.pid as number, "SIGKILL");
    await gone(file);
  });
});

it("clients that send nothing more, or a byte a second: none of it reaches the server, and their connections end", async () => {
  const upstream = await scene.server("slow-clients");
  await upstream.start();
  const gateway = await scene.gateway("slow-clients", { url: upstream.url });
  const running = await gateway.start();
  const { headers, body } = (await scene.call(1, "add")) as { headers: Record<string, string>; body: string };
  const fields = Object.entries({ ...headers, Host: "x", "Content-Length": String(body.length) });
  const head = `POST /mcp HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}`;
  const begun = ["", "POST /m", head, `${head}\r\n`, `${head}\r\n${body.slice(0, 8)}`];
  const sockets = begun
    .flatMap((text) => [text, text])
    .map((text, i) => {
      const socket = connect(gateway.port, "127.0.0.1").on("error", () => {});
      onTestFinished(() => void socket.destroy());
      socket.resume().write(text);
      const trickle = i % 2 === 0 ? setInterval(() => socket.write("\r"), 1000) : undefined;
      socket.once("close", () => clearInterval(trickle));
      return socket;
    });
  const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  expect((await messageOf(await fetch(gateway.endpoint, await scene.call(2, "add")))).result).toBeDefined();
  await closed;
  expect(upstream.executed()).toEqual(["2"]);
  expect(running.exitCode).toBeNull();
}, 60_000);
