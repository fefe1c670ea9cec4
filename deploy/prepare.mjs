// Makes what `docker-compose.yml` needs and a repository must not hold: a credential for the agent's workload, and the
// authority's configuration with the hash of it. Usage: node deploy/prepare.mjs [folder]
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = process.argv[2] ?? fileURLToPath(new URL("local", import.meta.url));
const secret = randomBytes(32).toString("base64url");
const configuration = {
  listen: "0.0.0.0:8470",
  // The address that the agent has configured: it signs it, and the authority accepts no other.
  publicUrl: "http://authority:8470",
  issuer: "https://models.example",
  keys: { directory: "/keys/current" },
  evidence: { desk: { secret: { sha256: createHash("sha256").update(secret).digest("hex") } } },
  rules: [
    {
      name: "aurora",
      default: true,
      evidence: "desk",
      attest: {
        identity: { modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" },
        audiences: ["https://bank.example/mcp"],
      },
    },
  ],
};
mkdirSync(folder, { recursive: true, mode: 0o700 });
// Containers read them as another user; the folder itself is this user's alone.
writeFileSync(join(folder, "workload-secret"), secret, { mode: 0o644 });
writeFileSync(join(folder, "authority.json"), `${JSON.stringify(configuration, null, 2)}\n`, { mode: 0o644 });
console.log(`Made ${join(folder, "workload-secret")} and ${join(folder, "authority.json")}`);
