// Writes spec/vectors/*.json from the cases described in spec/generate, where each file has a module of its name and the
// longest a folder beside it. With --check it writes nothing and fails if they differ.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as agents from "./generate/agents.mjs";
import * as assertions from "./generate/assertions.mjs";
import * as attestations from "./generate/attestations.mjs";
import * as authorization from "./generate/authorization.mjs";
import * as bearer from "./generate/bearer.mjs";
import * as definitions from "./generate/definitions.mjs";
import * as delegations from "./generate/delegations.mjs";
import * as digests from "./generate/digests.mjs";
import * as foreign from "./generate/foreign.mjs";
import * as grants from "./generate/grants.mjs";
import * as guards from "./generate/guards.mjs";
import * as keys from "./generate/keys.mjs";
import * as messages from "./generate/messages.mjs";
import * as nested from "./generate/nested.mjs";
import * as policies from "./generate/policies.mjs";
import * as possession from "./generate/possession.mjs";
import * as proofs from "./generate/proofs.mjs";
import * as replays from "./generate/replays.mjs";
import * as sequences from "./generate/sequences.mjs";
import * as statuses from "./generate/statuses.mjs";
import * as tickets from "./generate/tickets.mjs";
import * as times from "./generate/times.mjs";

const FILES = {
  attestations,
  bearer,
  proofs,
  times,
  policies,
  sequences,
  replays,
  foreign,
  statuses,
  tickets,
  nested,
  delegations,
  keys,
  digests,
  definitions,
  messages,
  possession,
  authorization,
  assertions,
  grants,
  guards,
  agents,
};

const slug = (title) =>
  title
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);

const seen = new Map();
/** A name for each vector that stays when others come and go: of its title, numbered where titles come out alike. */
function named(vector) {
  const name = slug(vector.title);
  const count = (seen.get(name) ?? 0) + 1;
  seen.set(name, count);
  return { id: count === 1 ? name : `${name}-${count}`, ...vector };
}

let stale = 0;
for (const [name, source] of Object.entries(FILES)) {
  const file = fileURLToPath(new URL(`vectors/${name}.json`, import.meta.url));
  const content = {
    format: 1,
    ...(source.verifiers && { verifiers: source.verifiers }),
    vectors: source.vectors().map(named),
  };
  const text = `${JSON.stringify(content, null, 1)}\n`;
  if (process.argv.includes("--check")) {
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
    console.error(`spec/vectors/${name}.json is not what the generator makes; run: node spec/generate-vectors.mjs`);
    stale++;
  } else {
    writeFileSync(file, text);
    console.log(`${name}.json: ${content.vectors.length} vectors`);
  }
}
process.exit(stale > 0 ? 1 : 0);
