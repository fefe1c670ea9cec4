// Checks the types of every workspace by what its `typecheck` script names, in one run of the compiler: it reads the
// declarations that all of them use once, where a compiler for each reads them again.
// Usage: node scripts/types.mjs   (needs no build)
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const listed = ["ls-files", "--cached", "--others", "--exclude-standard", "*/package.json"];
const manifests = execFileSync("git", listed, { cwd: root, encoding: "utf8" }).trim().split("\n");
const projects = manifests.flatMap((manifest) => {
  const script = JSON.parse(readFileSync(join(root, manifest), "utf8")).scripts?.typecheck;
  return script === undefined ? [] : configurations(manifest, script);
});
// What one checker has found out about a type, a second one would have to find out again.
const args = ["-b", ...projects, "--builders", "1", "--checkers", "1"];
const { status } = spawnSync(join(root, "node_modules/.bin/tsc"), args, { cwd: root, stdio: "inherit" });
if (status === 0) console.log(`${projects.length} configurations without a wrong type`);
else process.exitCode = 1;

/** The configurations that a script checks, from the root. Throws if it does anything else. */
function configurations(manifest, script) {
  return script.split(" && ").map((command) => {
    const [, configuration] = /^tsc -p (\S+\.json)$/.exec(command) ?? [];
    if (!configuration) throw new Error(`${manifest}: typecheck must be \`tsc -p …\`, and is \`${script}\``);
    return join(dirname(manifest), configuration);
  });
}
