// The bank. Usage: ATTEST_SERVER='{…}' node main.js stdio|http|http-v1
// Over HTTP, the first line on stdout is the port. On stderr, every decision and every call is a line of JSON.
import { type AttestationEvent, combineObservers, type Observer } from "@attest/core";
import { attestServerTransport } from "@attest/mcp-server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import type { CallRecord } from "./audit.ts";
import { listen } from "./listen.ts";
import { type LogLine, sourceName } from "./log-line.ts";
import { openAuditLog } from "./open-audit-log.ts";
import { openGuard } from "./open-guard.ts";
import { replicaNumber, startReplicas } from "./replicas.ts";
import { buildBank, createHttpServer } from "./serve-http.ts";
import { createHttpServerV1 } from "./serve-http-v1.ts";
import { readSettings, type ServerSettings } from "./settings.ts";
import { toolTextsFrom } from "./tool-texts.ts";

const [, , mode] = process.argv;
if (mode !== "stdio" && mode !== "http" && mode !== "http-v1") {
  console.error("Usage: main.js stdio|http|http-v1");
  process.exit(2);
}

const source = sourceName(replicaNumber());
const log = (event: AttestationEvent | CallRecord): void => {
  const line: LogLine = { source, event };
  process.stderr.write(`${JSON.stringify(line)}\n`);
};
/** Every decision: to the log, and to the audit log where there is one. */
async function openObserver({ auditLog }: ServerSettings): Promise<Observer> {
  if (auditLog === undefined) return { onEvent: log };
  const replica = replicaNumber();
  return combineObservers(
    { onEvent: log },
    await openAuditLog(replica === undefined ? auditLog : `${auditLog}.${replica}`),
  );
}

/** Ends orderly on the signals by which processes are ended. */
function endWith(close: () => Promise<void>): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      close().finally(() => process.exit(0));
    });
  }
}

async function start(mode: "stdio" | "http" | "http-v1", settings: ServerSettings): Promise<void> {
  if (mode === "http" && settings.replicas > 1 && replicaNumber() === undefined) {
    const { port, close } = await startReplicas(settings.replicas);
    endWith(close);
    console.log(port);
    return;
  }
  const { guard, close } = await openGuard(settings, await openObserver(settings));
  const texts = toolTextsFrom(settings.toolTexts);
  if (mode === "stdio") {
    endWith(close);
    serveStdio(() => buildBank(log, texts), { transport: attestServerTransport(new StdioServerTransport(), guard) });
    return;
  }
  const server = mode === "http" ? createHttpServer(guard, log, texts) : createHttpServerV1(guard, log, texts);
  const listening = await listen(server, settings);
  endWith(async () => {
    await listening.close();
    await close();
  });
  if (replicaNumber() === undefined) console.log(listening.port);
}

try {
  const settings = await readSettings(process.env);
  if (settings.replicas > 1 && mode !== "http") {
    // Over stdio there is one client, and the older SDK's sessions live in one process.
    console.error("Only `http` can have replicas");
    process.exit(2);
  }
  await start(mode, settings);
} catch (error) {
  // What to put right is for a person: a message, and no stack.
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
