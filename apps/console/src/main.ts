// Starts the whole demo and prints the console's address. Usage: node main.js [--port N]
import { parseArgs } from "node:util";
import { startDemo } from "./demo/start-demo.ts";

const { values } = parseArgs({ options: { port: { type: "string" }, web: { type: "boolean" } } });
const port = Number(values.port ?? 0);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error("--port must be a port");
  process.exit(2);
}

const { url, profile, stop } = await startDemo({ port });
const servers = profile.replicas === 1 ? "one bank server" : `${profile.replicas} bank servers sharing a Redis`;
console.log(`\nThe console is at ${url.href}\n`);
console.log(
  `It shows ${servers}, two authorities and ${profile.agents.length} agents, two of them sub-agents of another, all on this machine.`,
);
console.log("Ctrl-C ends everything.\n");
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stop().finally(() => process.exit(0));
  });
}
