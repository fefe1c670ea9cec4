// @attest/cli: the first walk of its README, with the command run by this runtime.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { selfCommand } from "./self-command.mjs";

const cwd = mkdtempSync("cli-");
const [command, ...prefix] = selfCommand(join(import.meta.dirname, "node_modules/@attest/cli/dist/main.js"));
function attest(args, { input = "", status = 0 } = {}) {
  const result = spawnSync(command, [...prefix, ...args], { cwd, input, encoding: "utf8" });
  assert.equal(result.status, status, `attest ${args[0]} ended with ${result.status}: ${result.stderr}`);
  return result.stdout;
}

const audience = ["--audience", "https://server.example/mcp"];
const issuer = ["--issuer", "https://authority.example"];
writeFileSync(join(cwd, "authority-public.json"), attest(["keygen", "--out", "authority.json", "--kid", "2026-11"]));
writeFileSync(join(cwd, "agent-public.json"), attest(["keygen", "--out", "agent.json"]));
const token = attest(["generate", ...issuer, "--key", "authority.json", "--holder-key", "agent-public.json"]);
const message = ["--method", "tools/list"];
const proof = attest(["prove", "-", "--holder-key", "agent.json", ...audience, ...message], { input: token }).trim();
const keys = ["--jwks", "authority-public.json", "--trust-domain", "example.com"];
const verify = ["verify", "-", ...keys, ...issuer, ...audience, "--proof", proof];
attest([...verify, ...message], { input: token });
attest([...verify, "--method", "tools/call"], { input: token, status: 1 });
console.log("keygen, generate, prove, verify; a proof for another message refused");
