// Makes what `docker-compose.yml` needs and a repository must not hold: a credential for the agent's workload, and the
// authority's settings with the hash of it. Usage: node deploy/prepare.mjs [folder]
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = process.argv[2] ?? fileURLToPath(new URL("local", import.meta.url));
const secret = randomBytes(32).toString("base64url");
const settings = {
  issuer: "https://models.example",
  port: 8470,
  workloads: [
    {
      id: "aurora",
      secretSha256: createHash("sha256").update(secret).digest("hex"),
      identities: [{ modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" }],
      audiences: ["https://bank.example/mcp"],
    },
  ],
};
mkdirSync(folder, { recursive: true, mode: 0o700 });
// Containers read them as another user; the folder itself is this user's alone.
writeFileSync(join(folder, "workload-secret"), secret, { mode: 0o644 });
writeFileSync(join(folder, "authority.json"), `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o644 });
console.log(`Made ${join(folder, "workload-secret")} and ${join(folder, "authority.json")}`);
