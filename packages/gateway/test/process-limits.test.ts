import { fileURLToPath } from "node:url";
import type { AttestationContext } from "@attest/core";
import { expect, it, onTestFinished } from "vitest";
import { CallEnd } from "../src/call-end.ts";
import { processUpstream } from "../src/process/process-upstream.ts";
import { request } from "./scene.ts";

const SERVER = fileURLToPath(new URL("servers/stdio.mjs", import.meta.url));
const body = JSON.stringify(request(0, "initialize", { protocolVersion: "2025-11-25", capabilities: {} }));

/** Initializes as many sessions at one moment, and says which of them got a process. */
async function initializeAtOnce(agents: readonly string[], limits: { max: number; perAgent: number }) {
  const command = { command: process.execPath, args: [SERVER], env: {} };
  const upstream = processUpstream({ ...command, ...limits, idleMs: 60_000, maxLine: 1_000_000, onStderr: () => {} });
  onTestFinished(() => upstream.close());
  const call = new CallEnd();
  const opened = await Promise.all(
    agents.map((subject) => {
      const attestation = { issuer: "https://authority.example", subject } as AttestationContext;
      return upstream.send({ method: "POST", headers: {}, body, call, attestation });
    }),
  );
  return opened.filter(({ headers }) => headers.some(([name]) => name === "mcp-session-id")).length;
}

it("starts no more processes than allowed for agents that initialize at one moment (SPEC-22.15, G4)", async () => {
  expect(await initializeAtOnce(["a", "b", "c", "d", "e"], { max: 2, perAgent: 2 })).toBe(2);
});
