import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AttestationVerifier, decodeBase64url } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { expect, it } from "vitest";
import { attestIn, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");

it("writes a secret for its owner alone, which a server takes, and shows none of it (O1)", async () => {
  const { status, stdout, stderr } = await attest(["ticket-ring", "new", "--out", "ring"]);
  expect(status).toBe(0);
  expect(read("ring")).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
  expect(statSync(join(folder, "ring")).mode & 0o777).toBe(0o600);
  expect(stdout + stderr).not.toContain(read("ring").trim());
  const secret = decodeBase64url(read("ring").trim()) as Uint8Array;
  const { verifierOptions } = await createTestAuthority();
  const shared = { scope: "shared", consume: () => true } as const;
  const options = {
    ...verifierOptions,
    instances: "multiple",
    replayCache: shared,
    tickets: { ring: [secret] },
  } as const;
  expect(new AttestationVerifier(options).configuration.tickets).toBeDefined();
});

it("makes another each time, never over a file without --force, and prints one only when asked", async () => {
  expect((await attest(["ticket-ring", "new", "--out", "ring"])).status).toBe(2);
  const before = read("ring");
  const { stdout } = await attest(["ticket-ring", "new", "--out", "ring", "--force", "--json"]);
  expect(JSON.parse(stdout)).toEqual({ file: "ring", bytes: 32 });
  expect(read("ring")).not.toBe(before);
  expect((await attest(["ticket-ring", "new", "--out", "-"])).stdout).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
});
