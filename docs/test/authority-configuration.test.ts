import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("the reference of an authority's configuration is what its schema says", () => {
  execFileSync(process.execPath, [`${root}/scripts/authority-configuration.mjs`, "--check"], { stdio: "pipe" });
  const page = readFileSync(`${root}/docs/authority-configuration.md`, "utf8");
  for (const member of [
    "statusList.uri",
    "keys.kms.keyId",
    "evidence.NAME.githubActions.keyBound",
    "rules[].attest.copy",
  ]) {
    expect(page).toContain(`| \`${member}\``);
  }
});
