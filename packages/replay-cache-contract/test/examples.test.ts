import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReplayCache } from "@attest/core";
import { createClient } from "redis";
import { RedisServer, requireRedis } from "redis-harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { replayCacheContract } from "../src/index.ts";

/** Runs the contract's tests at the same time, since two of them wait for real time to pass. */
const runner = { describe: describe.concurrent, it, expect };

// The examples of the README, as they stand there, put to the contract.
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const folder = fileURLToPath(new URL("../.readme/run", import.meta.url));
mkdirSync(folder, { recursive: true });

/** The class that one of the README's blocks exports, and how many lines it takes. */
async function example<C>(name: string): Promise<{ Example: C; lines: number }> {
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
  const code = blocks.find((block) => block.includes(`export class ${name} `));
  if (!code) throw new Error(`The README has no example ${name}`);
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, code);
  const module = (await import(file)) as Record<string, C>;
  return { Example: module[name] as C, lines: code.trimEnd().split("\n").length };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the README's backend on a directory", async () => {
  const { Example, lines } = await example<new (directory: string) => ReplayCache>("DirectoryReplayCache");
  const directory = mkdtempSync(join(tmpdir(), "attest-uses-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("takes fewer than 40 lines", () => expect(lines).toBeLessThan(40));

  replayCacheContract(runner, async () => new Example(directory), {
    unreachable: async () => new Example(join(directory, "nowhere")),
  });
});

describe.skipIf(!requireRedis("the README's backend on node-redis"))("the README's backend on node-redis", async () => {
  const { Example } =
    await example<new (client: ReturnType<typeof createClient>) => ReplayCache>("NodeRedisReplayCache");
  let server: RedisServer;
  const clients: ReturnType<typeof createClient>[] = [];
  const client = (url: string) => {
    const opened = createClient({ url, disableOfflineQueue: true });
    opened.on("error", () => {});
    clients.push(opened as ReturnType<typeof createClient>);
    return opened as ReturnType<typeof createClient>;
  };
  let shared: ReturnType<typeof createClient>;

  beforeAll(async () => {
    server = await RedisServer.start();
    shared = await client(server.url).connect();
  });
  afterAll(async () => {
    for (const opened of clients) opened.destroy();
    await server?.stop();
  });

  replayCacheContract(runner, async () => new Example(shared), {
    unreachable: async () => new Example(client("redis://127.0.0.1:1")),
  });
});
