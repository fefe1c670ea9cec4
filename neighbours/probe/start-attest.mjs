// Runs `attest`, with files that it reads in the present folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** Starts a command that listens. Resolves to its process and the line by which it says where. */
export async function startAttest(attest, args) {
  const child = spawn(process.execPath, [attest, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`attest ${args[0]} ended with ${code}`);
  });
  ended.catch(() => {});
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
  return { child, line };
}

/** The options by which a gateway trusts an authority. */
export async function trusting({ audience, issuer, keyResolver }) {
  await writeFile("attest-keys.json", JSON.stringify(keyResolver.toJwks(issuer)));
  const trust = ["--issuer", issuer, "--jwks", "attest-keys.json", "--trust-domain", "example.com"];
  return ["--audience", audience, ...trust];
}

/** The options by which a companion attests as the authority's agent. */
export async function attesting(authority) {
  const { audience, agentKey } = authority;
  await writeFile("attest-attestation", await authority.attest(), { mode: 0o600 });
  await writeFile("attest-holder.json", JSON.stringify(await agentKey.toPrivateJwk()), { mode: 0o600 });
  return ["--audience", audience, "--attestation", "attest-attestation", "--holder-key", "attest-holder.json"];
}
