import { readVectors, runVectors } from "@attest/vectors";
import { describe, expect, it } from "vitest";
import { vectorChecks } from "../src/vectors/vector-checks.ts";
import { brokenIn } from "./wrong-in.ts";

/** A driver that answers everything with what an expression makes of the question. */
const driver = (expression: string): [string, ...string[]] => [
  process.execPath,
  "-e",
  `require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, ...question } = JSON.parse(line);
    console.log(JSON.stringify({ id, ...(${expression})(question) }));
  });`,
];

describe("the checks of vectors", () => {
  it("fail for what an implementation answers wrongly, and for that alone (SPEC-8.9, SPEC-8.17)", async () => {
    const right = readVectors("possession").vectors.find(({ form }) => form === 2)?.["text"];
    const wrong = `({ form }) => ({ text: form === 2 ? ${JSON.stringify(right)} : "" })`;
    const checks = vectorChecks(await runVectors(driver(wrong), { files: ["possession"] }));
    expect(brokenIn(checks)).toEqual(["SPEC-8.17"]);
    expect(checks.find(({ id }) => id === "sep-agent-attestation-8-9")?.status).toBe("SUCCESS");
  });

  it("do not apply where an implementation supports nothing of it", async () => {
    const checks = vectorChecks(await runVectors(driver("() => ({ unsupported: true })"), { files: ["possession"] }));
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(["SKIPPED"]));
  });
});
