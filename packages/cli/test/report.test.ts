import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { META_ATTESTATION, META_PROOF, systemClock } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestServer, requireAttestation } from "@attest/mcp-server";
import { type AuditHead, createAuditLog } from "@attest/observability";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { beforeEach, describe, expect, it } from "vitest";
import { attestIn, attestProcessIn, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const read = (name: string) => readFileSync(join(folder, name), "utf8");

const SUBJECT = "spiffe://example.com/model/example-1";
const call = (id: number, name: string) =>
  ({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: {} } }) as const;
const opening = (name: string) =>
  ({
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: { clientInfo: { name, version: "1" }, capabilities: {} },
  }) as const;

/** An audit log in a file, and a guard that writes it. */
async function audited(name: string, options: { enforce: boolean; after?: AuditHead; clock?: () => number }) {
  write(name, options.after ? read(name) : "");
  const { after, clock } = options;
  const observer = createAuditLog({
    write: (line) => appendFileSync(join(folder, name), `${line}\n`),
    ...(after && { after }),
    ...(clock && { clock }),
  });
  const authority = await createTestAuthority();
  const guard = new AttestationGuard({ ...authority.verifierOptions, observer, enforce: options.enforce });
  /** The message with credentials of the one good agent. */
  const attested = async (message: ReturnType<typeof call>) => {
    const attestation = await authority.attest();
    const { method, params } = message;
    const proof = await authority.prove(attestation, { kind: "message", method, params });
    return { ...message, params: { ...params, _meta: { [META_ATTESTATION]: attestation, [META_PROOF]: proof } } };
  };
  return { guard, observer, attested };
}

async function sums(...args: string[]) {
  const { status, stdout, stderr } = await attest(["report", "--json", ...args]);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

describe("a log of a guard that only reports", () => {
  beforeEach(async () => {
    const { guard, attested } = await audited("audit.jsonl", { enforce: false });
    const session = guard.createSession();
    await guard.check(opening("Old client"), session);
    for (const id of [1, 2, 3]) await guard.check(call(id, "transfer"), session);
    await guard.check(await attested(call(4, "balance")));
    const tampered = await attested(call(5, "balance"));
    await guard.check({ ...tampered, params: { ...tampered.params, name: "transfer" } });
    await guard.check({ jsonrpc: "2.0", id: 6, method: "ping" });
  });

  it("is summed up by agent, method, tool and code (SPEC-4.30)", async () => {
    expect(await sums("audit.jsonl")).toMatchObject({
      logs: 1,
      messages: 7,
      verified: 1,
      refused: 0,
      wouldBeRefused: 5,
      refusedByHandlers: 0,
      reportedOnly: 7,
      agents: [
        { client: "Old client", messages: 4, verified: 0, wouldBeRefused: 4 },
        { messages: 2, wouldBeRefused: 1 },
        { subject: SUBJECT, issuer: "https://authority.example", messages: 1, verified: 1, wouldBeRefused: 0 },
      ],
      refusals: [
        {
          client: "Old client",
          method: "tools/call",
          tool: "transfer",
          code: "ERR_ATTESTATION_REQUIRED",
          reason: "attestation_required",
          by: "guard",
          enforced: false,
          count: 3,
        },
        { client: "Old client", method: "initialize", code: "ERR_ATTESTATION_REQUIRED", count: 1 },
        {
          method: "tools/call",
          tool: "transfer",
          code: "ERR_PROOF_DIGEST",
          reason: "attestation_proof_invalid",
          count: 1,
        },
      ],
      omitted: { agents: 0, refusals: 0 },
    });
  });

  it("is shown to people with who stops working when the guard enforces", async () => {
    const { status, stdout } = await attest(["report", "audit.jsonl"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/would be refused +5\n/);
    expect(stdout).toMatch(/3 +│ client "Old client" +│ tools\/call +│ transfer +│ ERR_ATTESTATION_REQUIRED/);
    expect(stdout).toContain("remove `enforce: false`");
  });
});

it("counts what handlers refuse, and what a guard that enforces refuses, as refused", async () => {
  const { guard, attested } = await audited("enforced.jsonl", { enforce: true });
  const server = attestServer(new McpServer({ name: "bank", version: "1" }), guard);
  server.registerTool(
    "close",
    {},
    requireAttestation({ minTrustLevel: "provider", check: () => false }, () => ({ content: [] })),
  );
  const [near, far] = InMemoryTransport.createLinkedPair();
  await server.connect(far as never);
  for (const message of [await attested(call(1, "close")), call(2, "close")]) {
    const answered = new Promise((resolve) => {
      near.onmessage = resolve;
    });
    await near.send(message);
    await answered;
  }
  await server.close();
  const found = await sums("enforced.jsonl");
  expect(found).toMatchObject({ messages: 2, verified: 1, refused: 1, refusedByHandlers: 1, reportedOnly: 0 });
  expect(found.refusals).toEqual([
    expect.objectContaining({ subject: SUBJECT, tool: "close", code: "ERR_DEMAND", by: "handler", enforced: true }),
    expect.objectContaining({ tool: "close", code: "ERR_ATTESTATION_REQUIRED", by: "guard", enforced: true }),
  ]);
  expect((await attest(["report", "enforced.jsonl"])).stdout).toContain("enforces");
});

it("adds up several logs, a log that begins anew in its file, and a part of one", async () => {
  for (const name of ["a.jsonl", "b.jsonl"]) {
    const { guard } = await audited(name, { enforce: false });
    for (const id of [1, 2]) await guard.check(call(id, "transfer"));
  }
  write("restarted.jsonl", read("a.jsonl") + read("b.jsonl"));
  expect(await sums("a.jsonl", "b.jsonl")).toMatchObject({ logs: 2, messages: 4, wouldBeRefused: 4 });
  expect(await sums("restarted.jsonl")).toMatchObject({ logs: 2, messages: 4 });
  write("part.jsonl", read("a.jsonl").split("\n").slice(2).join("\n"));
  expect(await sums("part.jsonl")).toMatchObject({ logs: 1, messages: 1 });
  const piped = await attest(["report", "-", "--json"], read("a.jsonl"));
  expect(JSON.parse(piped.stdout)).toMatchObject({ messages: 2 });
});

it("counts the last days only, where that is wanted", async () => {
  const DAY = 86_400;
  let now = systemClock() - 10 * DAY;
  const { guard } = await audited("days.jsonl", { enforce: false, clock: () => now });
  await guard.check(call(1, "transfer"));
  now += 9 * DAY;
  await guard.check(call(2, "balance"));
  expect(await sums("days.jsonl")).toMatchObject({ messages: 2 });
  expect(await sums("days.jsonl", "--days", "7")).toMatchObject({ messages: 1, refusals: [{ tool: "balance" }] });
});

describe("a line that cannot be counted", () => {
  let lines: string[];
  beforeEach(async () => {
    const { guard } = await audited("good.jsonl", { enforce: false });
    for (const id of [1, 2, 3]) await guard.check(call(id, "transfer"));
    lines = read("good.jsonl").trimEnd().split("\n");
  });

  it.each<[string, (lines: string[]) => string[], number, string]>([
    ["of another log", (all) => all.with(2, '{"level":"info","msg":"started"}'), 3, "is not a line of an audit log"],
    ["that is empty", (all) => all.toSpliced(1, 0, ""), 2, "is not a line of an audit log"],
    ["without an end", (all) => [...all, "x".repeat(3_000_000)], 7, "is not a line of an audit log"],
    ["that was cut off", (all) => all.with(-1, all.at(-1)?.slice(0, 80) ?? ""), 6, "is not a line of an audit log"],
    ["that was changed", (all) => all.with(3, all[3]?.replace("transfer", "balance") ?? ""), 4, "was changed"],
    ["after one that was removed", (all) => all.toSpliced(2, 1), 3, "does not follow"],
    ["of another log that goes on", (all) => [...all, all[4] ?? ""], 7, "does not follow"],
  ])("%s ends the report and is named by its number", async (_, change, number, why) => {
    write("broken.jsonl", `${change(lines).join("\n")}\n`);
    const { status, stdout, stderr } = await attest(["report", "broken.jsonl"]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`broken.jsonl: line ${number} ${why}`);
  });
});

it("cannot be made to speak to the terminal, or to count without end, by what peers call things", async () => {
  const { observer } = await audited("hostile.jsonl", { enforce: false });
  const hostile = "\u001b[2J\u009b31m\u202Eowned";
  const event = {
    type: "guard",
    action: "forward",
    enforced: false,
    carrier: "none",
    code: "ERR_ATTESTATION_REQUIRED",
  } as const;
  observer.onEvent?.({ ...event, client: hostile, method: hostile, target: hostile });
  for (const options of [[], ["--json"]]) {
    const { stdout } = await attest(["report", "hostile.jsonl", ...options]);
    expect(stdout).toContain("owned");
    expect(stdout).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u);
  }
  const lines: string[] = [];
  const flooded = createAuditLog({ write: (line) => lines.push(line) });
  for (let i = 0; i < 10_050; i++) flooded.onEvent?.({ ...event, client: `client ${i}`, target: `tool ${i}` });
  write("flooded.jsonl", lines.join("\n"));
  const found = await sums("flooded.jsonl");
  expect(found).toMatchObject({ messages: 10_050, wouldBeRefused: 10_050, omitted: { agents: 50, refusals: 50 } });
  expect([found.agents.length, found.refusals.length]).toEqual([10_000, 10_000]);
});

it("reads a large log in little memory", { timeout: 60_000 }, async () => {
  const lines: string[] = [];
  const log = createAuditLog({ write: (line) => lines.push(line) });
  const event = { type: "guard", action: "reply", carrier: "none", code: "ERR_ATTESTATION_REQUIRED" } as const;
  const client = "c".repeat(256);
  write("large.jsonl", "");
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 12_500; j++) log.onEvent?.({ ...event, client, target: "t".repeat(256), method: "tools/call" });
    appendFileSync(join(folder, "large.jsonl"), `${lines.splice(0).join("\n")}\n`);
  }
  const small = `--max-old-space-size=40`;
  const { status, stdout } = await attestProcessIn(folder, [small])(["report", "large.jsonl", "--json"]);
  expect([status, JSON.parse(stdout).messages]).toEqual([0, 50_000]);
});

it.each([
  ["a file that is not there", ["absent.jsonl"], "ENOENT"],
  ["a folder", ["."], "EISDIR"],
  ["stdin twice", ["-", "-"], "once"],
  ["no days", ["absent.jsonl", "--days", "0"], "days"],
])("takes %s for wrong usage", async (_, args, why) => {
  const { status, stderr } = await attest(["report", ...args]);
  expect(status).toBe(2);
  expect(stderr).toContain(why);
});
