// A server over stdio that knows nothing of attestation, and misbehaves where it is asked to.
import { spawn } from "node:child_process";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const text = (said) => ({ content: [{ type: "text", text: said }] });
const server = new McpServer({ name: "stdio", version: "1.0.0" }, { capabilities: { logging: {} } });
server.registerTool("add", { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => text(String(a + b)));
server.registerTool("told", {}, ({ _meta }) => text(JSON.stringify(_meta ?? {})));
server.registerTool("pid", {}, () => text(String(process.pid)));
server.registerTool("environment", {}, () => text(Object.keys(process.env).sort().join(" ")));
server.registerTool("say", {}, () => {
  process.stderr.write("on stderr\n");
  process.stdout.write("by mistake on stdout\n");
  return text("said");
});
server.registerTool("die", {}, () => process.kill(process.pid, "SIGKILL"));
server.registerTool("hang", {}, () => new Promise(() => {}));
server.registerTool(
  "after",
  { inputSchema: { milliseconds: z.number() } },
  ({ milliseconds }) => new Promise((resolve) => setTimeout(resolve, milliseconds, text("after"))),
);
server.registerTool("stay", {}, () => {
  // Ignores every polite request to end, and so does what it started.
  process.on("SIGTERM", () => {});
  process.stdin.on("end", () => {});
  setInterval(() => {}, 1000);
  const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
    stdio: "ignore",
  });
  return text(`${process.pid} ${child.pid}`);
});
server.registerTool("leave", { inputSchema: { detached: z.boolean() } }, ({ detached }) => {
  // Dies, and leaves behind what holds its pipes open.
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit", detached });
  process.stderr.write(`${child.pid}\n`);
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 50);
  return new Promise(() => {});
});
server.registerTool("confirm", {}, async () => {
  const requestedSchema = { type: "object", properties: { sure: { type: "boolean" } } };
  const { action } = await server.server.elicitInput({ message: "Sure?", requestedSchema });
  return text(action);
});
server.registerTool("count", {}, async ({ _meta, sendNotification }) => {
  const { progressToken } = _meta;
  for (const progress of [1, 2, 3])
    await sendNotification({ method: "notifications/progress", params: { progressToken, progress } });
  return text("counted");
});
server.registerTool("log", {}, async () => {
  await server.server.sendLoggingMessage({ level: "info", data: "logged" });
  return text("logged");
});
server.registerTool("much", { inputSchema: { megabytes: z.number() } }, async ({ megabytes }) => {
  for (let i = 0; i < megabytes; i++)
    await server.server.sendLoggingMessage({ level: "info", data: "x".repeat(1024 * 1024) });
  return text("much");
});
await server.connect(new StdioServerTransport());
