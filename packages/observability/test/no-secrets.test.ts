import { type AttestationEvent, combineObservers } from "@attest/core";
import { createAuditLog } from "@attest/observability";
import { expect, it } from "vitest";
import { Canary } from "./canary.ts";
import { CASES, createWorld } from "./every-refusal.ts";
import { createTelemetry } from "./telemetry.ts";

it("tells no part of a token, proof, key or backend's words, whatever happens (O1)", async () => {
  const canary = new Canary();
  const telemetry = createTelemetry();
  const audit = createAuditLog({ write: (line) => canary.tell(JSON.parse(line)) });
  const events = {
    onEvent(event: AttestationEvent) {
      const { facts, ...told } = { facts: undefined, ...event };
      canary.tell(told);
      canary.show(facts);
    },
  };
  const world = await createWorld(canary, combineObservers(telemetry.observer, audit, events));

  const { attestation, proof } = await world.fresh();
  const request = { kind: "message", method: "tools/call", params: { name: "close" }, proof } as const;
  expect(await world.verify({}, attestation, request)).toBeUndefined();
  const reached: Record<string, string | undefined> = {};
  const wanted: Record<string, string> = {};
  for (const [code, run] of Object.entries(CASES)) {
    if (typeof run === "string") continue;
    wanted[code] = code;
    reached[code] = await run(world);
  }
  expect(reached).toEqual(wanted);

  canary.tell({ exported: await telemetry.exported() });
  for (const code of ["ERR_REPLAY", "ERR_PROOF_DIGEST", "ERR_KEY_SOURCE_UNAVAILABLE"])
    expect(canary.told).toContain(code);
  expect(canary.secrets).toBeGreaterThan(300);
  expect(canary.leaks()).toEqual([]);
  await telemetry.shutdown();
});

it("would notice any part of one", async () => {
  const canary = new Canary();
  const world = await createWorld(canary, { onEvent() {} });
  const { attestation } = await world.fresh();
  expect(canary.leaks()).toEqual([]);
  canary.tell({ message: `refused …${attestation.slice(100, 121)}…` });
  expect(canary.leaks()).toHaveLength(1);
});

it("would notice a secret where only a peer's words may be, and a word anywhere else", async () => {
  const canary = new Canary();
  const world = await createWorld(canary, { onEvent() {} });
  const { attestation } = await world.fresh();
  const issuer = canary.word("https://canary-issuer-unconfigured.example");
  canary.show({ message: `not trusted: ${issuer}` });
  expect(canary.leaks()).toEqual([]);
  canary.show({ kid: attestation.slice(100, 121) });
  expect(canary.leaks()).toHaveLength(1);
  canary.tell({ issuer });
  expect(canary.leaks()).toHaveLength(2);
});
