// Fails when a workflow uses an action that is not pinned by commit, or grants rights to everything in it.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../.github/workflows/", import.meta.url));
const problems = [];
let pinned = 0;
for (const name of readdirSync(folder)) {
  const text = readFileSync(folder + name, "utf8");
  for (const [, use] of text.matchAll(/^\s*-?\s*uses: *(.+)$/gm)) {
    if (/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use)) pinned++;
    else problems.push(`${name}: ${use} is not pinned by commit, with its version next to it`);
  }
  const rights = /^permissions:(.*(?:\n[ ]+.*)*)/m.exec(text)?.[1];
  if (rights === undefined) problems.push(`${name} does not say which permissions it needs`);
  else if (/write/.test(rights)) problems.push(`${name} grants write permissions to all of its jobs`);
  if (/secrets\./.test(text)) problems.push(`${name} uses a secret`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${pinned} uses of actions, each pinned by commit`);
