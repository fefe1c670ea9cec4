import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { AttestedClientScenario } from "../src/client/client-scenario.ts";
import { runClient } from "../src/run/run-client.ts";
import { brokenIn } from "./wrong-in.ts";

const program = (path: string) => `"${process.execPath}" ${fileURLToPath(new URL(path, import.meta.url))}`;
const CARELESS = program("careless-client.mjs");

describe.concurrent("the scenario for clients", () => {
  it("finds what a careless client does (SPEC-3.5, SPEC-4.9, SPEC-7.10)", async () => {
    const { checks, status } = await runClient(new AttestedClientScenario(), CARELESS, { specVersion: "2026-07-28" });
    const broken = ["3.5", "4.8", "4.9", "7.9", "7.10", "7.12"];
    expect(brokenIn(checks)).toEqual(broken.map((id) => `SPEC-${id}`));
    expect(status).toBe(0);
  });

  it("says of a client that sends nothing that nothing was shown", async () => {
    const { checks, status } = await runClient(new AttestedClientScenario(), `"${process.execPath}" -e 1`, {
      specVersion: "2026-07-28",
    });
    expect(brokenIn(checks)).toEqual([]);
    expect(checks.map((check) => check.status)).toEqual(checks.map(() => "FAILURE"));
    expect(status).toBe(0);
  });

  it("ends a client that takes too long", async () => {
    const hanging = `"${process.execPath}" -e "setInterval(() => {}, 1000)"`;
    const options = { specVersion: "2026-07-28", timeoutMs: 300 } as const;
    expect((await runClient(new AttestedClientScenario(), hanging, options)).status).toBeUndefined();
  });
});
