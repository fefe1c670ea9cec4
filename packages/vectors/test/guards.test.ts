import { fileURLToPath } from "node:url";
import { readVectors, runVectors } from "@attest/vectors";
import { describe, expect, it } from "vitest";
import { driver } from "./driver.ts";

const GUARD: [string, string] = [
  process.execPath,
  fileURLToPath(new URL("../examples/attest-mcp-server.mjs", import.meta.url)),
];
const { vectors } = readVectors("guards");

const run = async (command: [string, string, ...string[]]) => (await runVectors(command, { files: ["guards"] }))[0];

describe("vectors for guards", () => {
  it("are what the guard of @attest/mcp-server does", async () => {
    const report = await run(GUARD);
    expect(report?.differences).toEqual([]);
    expect(report?.agrees).toBe(vectors.length);
  });

  it("find a guard that lets everything through as it is", async () => {
    const report = await run(
      driver(`({ ask, request, answer, message }) => {
        if (ask !== "http") return { passedOn: message, reply: null };
        let read;
        try { read = JSON.parse(request.body) } catch {}
        return { handled: true, ...answer, ...(read && { message: read }) };
      }`),
    );
    // What is open, what the policy lets pass, and what needs nothing done to it.
    expect(report?.agrees).toBeLessThan(vectors.length / 8);
  });

  it("find a guard that refuses everything in the same way", async () => {
    const refusal = `{ status: 200, fields: { "agent-attestation-error": "attestation_invalid" },
      body: { jsonrpc: "2.0", id: 1, error: { code: -31002, message: "", data: { reason: "attestation_invalid", retryable: false, policy: "required" } } } }`;
    const report = await run(
      driver(`({ ask }) => ask === "http" ? { handled: false, ...${refusal} } : { passedOn: null, reply: null }`),
    );
    expect(report?.agrees).toBeLessThan(vectors.length / 4);
  });

  it("say that a driver without a guard does not support them", async () => {
    const report = await run(driver(`() => ({ unsupported: true })`));
    expect(report?.agrees).toBe(0);
    expect(report?.differences).toEqual([]);
  });
});
