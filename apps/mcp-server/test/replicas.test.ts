import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createProof, HTTP_FIELDS } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { RedisServer, requireRedis } from "redis-harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LogLine } from "../src/index.ts";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const BODY = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "agent", version: "1.0.0" } },
});

interface Bank {
  readonly url: string;
  readonly log: readonly LogLine[];
  stop(): Promise<void>;
}

describe.skipIf(!requireRedis("the bank's replicas"))("replicas of the bank", () => {
  let authority: TestAuthority;
  let redis: RedisServer;
  /** Three of one replica each. */
  let three: [Bank, Bank, Bank];
  const banks: Bank[] = [];

  beforeAll(async () => {
    authority = await createTestAuthority();
    redis = await RedisServer.start();
    three = await Promise.all([start(), start(), start()]);
  });
  afterAll(async () => {
    await Promise.all(banks.map((bank) => bank.stop()));
    await redis?.stop();
  });

  async function start(replicas = 1, { url } = redis): Promise<Bank> {
    const { issuer, audience, keyResolver } = authority;
    const trusted = { issuer, trustLevel: "provider", trustDomains: ["example.com"], ...keyResolver.toJwks(issuer) };
    const settings = { audience, issuers: [trusted], redisUrl: url, replicas };
    const env = { ...process.env, ATTEST_SERVER: JSON.stringify(settings) };
    const child = spawn(process.execPath, [program, "http"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const log: LogLine[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.startsWith("{")) log.push(JSON.parse(line));
      else process.stderr.write(`${line}\n`);
    });
    const port = await firstLine(child);
    const bank = { url: `http://127.0.0.1:${port}/mcp`, log, stop: () => stop(child) };
    banks.push(bank);
    return bank;
  }

  async function prove(): Promise<Record<string, string>> {
    const attestation = await authority.attest();
    const request = { kind: "http", method: "POST", body: new TextEncoder().encode(BODY) } as const;
    const proof = await createProof({ attestation, signer: authority.agentKey, audience: authority.audience, request });
    return { [HTTP_FIELDS.attestation]: attestation, [HTTP_FIELDS.proof]: proof };
  }

  /** Presents credentials, over a connection of its own; the reason of the refusal, or `verified`. */
  async function present(bank: Bank, credentials: Record<string, string>): Promise<string> {
    const headers = {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Connection: "close",
      ...credentials,
    };
    const response = await fetch(bank.url, { method: "POST", headers, body: BODY });
    await response.text();
    const status = response.headers.get(HTTP_FIELDS.status)?.split(";")[0];
    return response.headers.get(HTTP_FIELDS.error) ?? status ?? `HTTP ${response.status}`;
  }

  it("at three addresses: a proof accepted by one is refused by the other two (R6)", async () => {
    const [first, second, third] = three;
    for (const order of [
      [first, second, third],
      [second, third, first],
      [third, first, second],
    ]) {
      const credentials = await prove();
      const answers = [];
      for (const bank of order) answers.push(await present(bank, credentials));
      expect(answers).toEqual(["verified", "attestation_replay", "attestation_replay"]);
    }
  });

  it("at three addresses: of one proof presented to all at once, one is accepted (R3)", async () => {
    for (let round = 0; round < 20; round++) {
      const credentials = await prove();
      const answers = await Promise.all(three.map((bank) => present(bank, credentials)));
      expect(answers.sort()).toEqual(["attestation_replay", "attestation_replay", "verified"]);
    }
  });

  it("behind one address: each serves, and none accepts what another has (R6)", async () => {
    const bank = await start(3);
    for (let i = 0; i < 9; i++) {
      const credentials = await prove();
      expect(await present(bank, credentials)).toBe("verified");
      for (let again = 0; again < 3; again++) expect(await present(bank, credentials)).toBe("attestation_replay");
    }
    await expect.poll(() => new Set(bank.log.map(({ source }) => source)).size).toBe(3);
  });

  it("refuse while their Redis is away, never accept, and say that it is not the agent's fault (R15)", async () => {
    const own = await RedisServer.start();
    const bank = await start(1, own);
    expect(await present(bank, await prove())).toBe("verified");
    await own.stop();
    expect(await present(bank, await prove())).toBe("attestation_unavailable");
  });
});

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The bank ended with status ${code}`)));
    if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
