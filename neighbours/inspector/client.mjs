import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { callBoth, companion } from "neighbour-kit/companion";

const INSPECTOR = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";
const { command, args } = companion;

await callBoth(async (name) => {
  const asked = ["--cli", command, ...args, "--method", "tools/call", "--tool-name", name];
  const { stdout } = await promisify(execFile)(process.execPath, [INSPECTOR, ...asked]);
  return JSON.parse(stdout);
});
