import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createTestAuthority } from "@attest/core/testing";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** What the server says when it does not start. */
function start(settings: object | undefined, mode = "http"): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, ...(settings && { ATTEST_SERVER: JSON.stringify(settings) }) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, mode], { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("a server that cannot start says why, as one message for a person", () => {
  it("about settings that are wrong, all of them", () => {
    const { status, stdout, stderr } = start({ audience: "bank", issuers: [] });
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^The server's settings are wrong:\n/);
    expect(stderr).toContain("audience");
    expect(stderr).toContain("issuers");
    expect(stderr).not.toMatch(/\n\s+at |main\.js/);
  });

  it("about settings that are not there", () => {
    const { status, stderr } = start(undefined, "stdio");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ATTEST_SERVER must hold .*\n$/);
  });

  it("about what only the guard finds wrong", async () => {
    const { issuer, audience, keyResolver } = await createTestAuthority();
    const one = { issuer, trustLevel: "provider", trustDomains: ["example.com"], ...keyResolver.toJwks(issuer) };
    const other = { ...one, issuer: "https://other.example" };
    const { status, stderr } = start({ audience, issuers: [one, other] });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^trustedIssuers give the trust domain example\.com to two issuers\n$/);
  });
});
