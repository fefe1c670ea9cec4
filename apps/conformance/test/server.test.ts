import { describe, expect, it } from "vitest";
import { runServer } from "../src/run/run-server.ts";
import type { SpecVersion } from "../src/scenario.ts";
import { serverScenario } from "../src/server/server-scenario.ts";
import { type Bank, startBank } from "./bank.ts";
import { startUnguarded } from "./unguarded.ts";
import { brokenIn } from "./wrong-in.ts";

async function run(starting: Promise<Bank>, specVersion: SpecVersion) {
  const bank = await starting;
  try {
    return await runServer(serverScenario, { serverUrl: bank.url, specVersion });
  } finally {
    await bank.close();
  }
}

// At the same time: much of each is waiting for answers that a server does not owe.
describe.concurrent("the scenario for servers", () => {
  it("finds what a server that forgets proofs breaks, and nothing else (SPEC-9.1)", async () => {
    const forgetful = { scope: "process", consume: () => true } as const;
    const checks = await run(startBank("v2", { replayCache: forgetful }), "2026-07-28");
    expect(brokenIn(checks)).toEqual(["SPEC-19.3", "SPEC-19.9", "SPEC-9.1", "SPEC-9.2", "SPEC-19.20"]);
  });

  it("finds that a server without a guard refuses nobody (SPEC-4.15)", async () => {
    const checks = await run(startUnguarded(), "2026-07-28");
    const declaring = ["4.2", "7.8", "4.12", "4.14", "4.32", "4.13"];
    const refusing = ["4.16", "4.17", "4.24", "7.7", "7.1", "7.2", "7.5", "7.3", "7.4", "7.6"];
    const letIn = ["4.5", "4.15", "4.18", "4.21", "5.1", "5.3"];
    expect(brokenIn(checks)).toEqual([...declaring, ...refusing, ...letIn].map((id) => `SPEC-${id}`));
  });
});
