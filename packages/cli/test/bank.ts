import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AUDIENCE, ISSUER } from "./attest.ts";

/** The demo server's program. */
export const BANK: string = fileURLToPath(import.meta.resolve("demo-mcp-server/main"));

/** Its settings: it trusts the authority whose private key is in a folder's `authority.json`. */
export function bankSettings(folder: string): string {
  const { d, ...key } = JSON.parse(readFileSync(join(folder, "authority.json"), "utf8"));
  const issuers = [{ issuer: ISSUER, trustLevel: "provider", trustDomains: ["example.com"], keys: [key] }];
  return JSON.stringify({ audience: AUDIENCE, issuers });
}

/** The demo server over HTTP, in a process of its own. */
export async function startBank(folder: string): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const env = { ...process.env, ATTEST_SERVER: bankSettings(folder) };
  const child = spawn(process.execPath, [BANK, "http"], { env, stdio: ["ignore", "pipe", "ignore"] });
  const port = await new Promise<string>((resolve, reject) => {
    child.once("exit", (status) => reject(new Error(`The demo server ended with status ${status}`)));
    createInterface({ input: child.stdout }).once("line", resolve);
  });
  return { url: `http://127.0.0.1:${port}/mcp`, process: child };
}
