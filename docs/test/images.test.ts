import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("the README shows the screenshots that a script takes, and none is large", () => {
  execFileSync(process.execPath, [`${root}/scripts/screenshots.mjs`, "--check"], { stdio: "pipe" });
});

it("the pictures are what their script draws", () => {
  execFileSync(process.execPath, [`${root}/scripts/sequence-diagram.mjs`, "--check"], { stdio: "pipe" });
});
