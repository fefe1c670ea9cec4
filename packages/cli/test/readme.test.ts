import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { shellIn, workFolder } from "./attest.ts";

it("walks as the README walks", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, commands = ""]) => commands);
  expect(blocks.length).toBeGreaterThan(2);
  const { status, stdout, stderr } = await shellIn(workFolder())(`set -e\n${blocks.join("\n")}`);
  expect(stderr).not.toContain("error");
  expect(stdout).toContain("NOT VERIFIED");
  expect(stdout).toContain("VERIFIED\n\n  trust level  provider");
  expect(stdout).toContain('"profile": "bearer"');
  expect(stdout).toContain("3 of 3 attacks blocked");
  expect(status).toBe(0);
});
