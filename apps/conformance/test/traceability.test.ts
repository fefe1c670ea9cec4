import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type ConformanceCheck, checkIdOf } from "../src/check.ts";
import { AttestedClientScenario } from "../src/client/client-scenario.ts";
import { runClient } from "../src/run/run-client.ts";
import { runServer } from "../src/run/run-server.ts";
import type { SpecVersion } from "../src/scenario.ts";
import { serverScenario } from "../src/server/server-scenario.ts";
import { vectorsByRequirement } from "../src/vectors/vector-checks.ts";
import { startBank } from "./bank.ts";
import { wrongIn } from "./wrong-in.ts";

const program = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const CLIENT = `"${process.execPath}" ${program("../dist/client/attested-client.js")}`;
const yaml = readFileSync(new URL("../../../spec/conformance/sep-agent-attestation.yaml", import.meta.url), "utf8");
const { requirements } = parse(yaml) as { requirements: { check?: string; text: string; excluded?: string }[] };

async function bank(sdk: "v1" | "v2", specVersion: SpecVersion): Promise<ConformanceCheck[]> {
  const { url, close } = await startBank(sdk);
  try {
    return await runServer(serverScenario, { serverUrl: url, specVersion });
  } finally {
    await close();
  }
}

async function client(specVersion: SpecVersion): Promise<ConformanceCheck[]> {
  const { checks, status, output } = await runClient(new AttestedClientScenario(), CLIENT, { specVersion });
  expect({ status, output }).toEqual({ status: 0, output: "" });
  return checks;
}

const runs: Record<string, ConformanceCheck[]> = {};

// At the same time: much of each is waiting for answers that are not owed.
beforeAll(async () => {
  const [v1, v2, clientV1, clientV2] = await Promise.all([
    bank("v1", "2025-11-25"),
    bank("v2", "2026-07-28"),
    client("2025-11-25"),
    client("2026-07-28"),
  ]);
  Object.assign(runs, { v1, v2, clientV1, clientV2 });
});

describe("the scenarios", () => {
  it.each([
    ["the bank on the v1 SDK", "v1"],
    ["the bank on the v2 SDK", "v2"],
    ["a client on the v1 SDK", "clientV1"],
    ["a client on the v2 SDK", "clientV2"],
  ])("find nothing wrong with %s", (_, run) => {
    expect(wrongIn(runs[run] ?? [])).toEqual([]);
    expect(runs[run]?.length).toBeGreaterThan(10);
  });

  it("show, together with the vectors, every check that the traceability file declares, and no other", () => {
    const all = Object.values(runs).flat();
    const declared = requirements.flatMap(({ check }) => check ?? []);
    const shown = new Set(all.filter(({ status }) => status === "SUCCESS").map(({ id }) => id));
    for (const id of vectorsByRequirement().keys()) shown.add(checkIdOf(id));
    expect(declared.filter((id) => !shown.has(id))).toEqual([]);
    expect([...shown].filter((id) => !declared.includes(id))).toEqual([]);
  });

  it("record checks as the conformance suite of MCP does", () => {
    for (const check of Object.values(runs).flat()) {
      expect(check).toMatchObject({
        id: expect.stringMatching(/^sep-agent-attestation-\d+-\d+$/),
        name: expect.stringMatching(/./),
        description: expect.stringMatching(/MUST|SHOULD/),
        status: expect.stringMatching(/^(?:SUCCESS|SKIPPED)$/),
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        specReferences: [{ id: expect.stringMatching(/^SPEC-\d+\.\d+$/), url: expect.stringMatching(/^SPEC\.md#/) }],
      });
    }
  });
});
