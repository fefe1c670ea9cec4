import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AUDIENCE } from "../src/authority.ts";
import { startWorld, type World } from "../src/start-world.ts";
import { type Orchestrator, startOrchestrator } from "../src/sub-agents/start-orchestrator.ts";
import type { SubAgent } from "../src/sub-agents/start-sub-agent.ts";
import { playSubAgents } from "../src/sub-agents/story.ts";

const built = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const program = built("../dist/sub-agents/sub-agent.js");

let world: World;
let orchestrator: Orchestrator;
beforeEach(async () => {
  world = await startWorld(built("../../mcp-server/dist/main.js"));
  const bank = { url: world.bank.url, audience: AUDIENCE };
  orchestrator = await startOrchestrator({ source: world.source, bank, program });
});
afterEach(async () => {
  await orchestrator.stop();
  await world.stop();
});

const listed = { outcome: "served", answer: expect.stringContaining("savings, checking") };

it("gets nothing more once it is dismissed, and as much as before once it is readmitted", async () => {
  const reader = orchestrator.spawn("reader", { tools: ["list_accounts"] });
  expect(await reader.call("list_accounts", {})).toEqual(listed);
  orchestrator.dismiss("reader");
  reader.renew();
  expect(await reader.call("list_accounts", {})).toEqual({ outcome: "undelegated" });
  orchestrator.readmit("reader");
  expect(await reader.call("list_accounts", {})).toEqual(listed);
  expect(await reader.call("transfer", { to: "savings", amount: 1 })).toEqual({
    outcome: "refused",
    reason: "attestation_claims_insufficient",
  });
});

it("comes back after its parent was revoked and reinstated, with a new key of each", async () => {
  const payer = orchestrator.spawn("payer", { tools: ["transfer"] });
  const transfer = () => payer.call("transfer", { to: "savings", amount: 1 });
  expect(await transfer()).toMatchObject({ outcome: "served" });
  await world.authority.revoke();
  await expect.poll(transfer, { timeout: 30_000 }).toEqual({ outcome: "refused", reason: "attestation_revoked" });
  await world.authority.reinstate();
  payer.renew();
  expect(await transfer()).toEqual({ outcome: "refused", reason: "attestation_revoked" });
  orchestrator.renew();
  payer.renew();
  expect(await transfer()).toMatchObject({ outcome: "served" });
});

/** Whether a process is there. */
function isAlive({ pid }: SubAgent): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("ends when it is stopped, and a call that is under way fails", async () => {
  const reader = orchestrator.spawn("reader", { tools: ["list_accounts"] });
  expect(isAlive(reader)).toBe(true);
  const call = reader.call("list_accounts", {});
  const failed = expect(call).rejects.toThrow("reader: its process has ended");
  await reader.stop();
  await failed;
  expect(isAlive(reader)).toBe(false);
  await expect(reader.call("list_accounts", {})).rejects.toThrow("its process has ended");
});

it("ends with its parent, however that ends", async () => {
  const script = `
    import { fork } from "node:child_process";
    const child = fork(${JSON.stringify(program)}, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.once("spawn", () => { console.log(child.pid); process.kill(process.pid, "SIGKILL"); });`;
  const parent = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  const { stdout } = await parent.catch((error: { stdout: string }) => error);
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isAlive({ pid } as SubAgent), { timeout: 30_000 }).toBe(false);
});

it("the story tells what came otherwise than it should: a bank that forgot whom it refuses", async () => {
  const forgetful = { ...world, refusedSubAgents: `${world.refusedSubAgents}-unread` };
  const { asExpected, scenes } = await playSubAgents(forgetful, program);
  expect(asExpected).toBe(false);
  const wrong = scenes.flatMap(({ calls }) => calls.filter((call) => !call.asExpected));
  expect(wrong).toMatchObject([{ by: "reader", tool: "get_balance", came: { outcome: "served" } }]);
});
