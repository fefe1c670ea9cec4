// An agent that visits a server once: connects, calls what the script says, and tells what it was answered.
// Usage: AGENT_AUTHORITY=… AGENT_SECRET_FILE=… AGENT_SERVER=… AGENT_AUDIENCE=… node visit.js [v1|v2]
import { readFile } from "node:fs/promises";
import { attestationErrorOf, httpSource } from "@attest/mcp-client";
import { scriptedSession } from "./session.ts";

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} must be set`);
  return value;
}

try {
  const [, , generation = "v2"] = process.argv;
  if (generation !== "v1" && generation !== "v2") throw new Error("The SDK generation must be v1 or v2");
  const secretFile = setting("AGENT_SECRET_FILE");
  const source = httpSource(setting("AGENT_AUTHORITY"), {
    // Read each time, so that a credential that was renewed is taken up.
    credential: async () => (await readFile(secretFile, "utf8")).trim(),
    nameAudience: true,
    allowInsecureHttp: process.env["AGENT_DANGEROUSLY_ALLOW_INSECURE_HTTP"] === "yes",
  });
  const target = new URL(setting("AGENT_SERVER"));
  const { attestation, calls } = await scriptedSession(target, source, generation, setting("AGENT_AUDIENCE"));
  console.log(`${attestation.status}, trust ${attestation.trustLevel ?? "none"}`);
  for (const { tool, answer } of calls) console.log(`${tool} → ${answer}`);
} catch (error) {
  const { reason } = attestationErrorOf(error) ?? {};
  console.error(reason === undefined ? String(error) : `Refused: ${reason}`);
  process.exitCode = 1;
}
