import { type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createAdaptorServer } from "@hono/node-server";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createConsoleApp } from "../src/server/console-app.ts";
import { EventLog } from "../src/server/event-log.ts";

let log: EventLog;
let server: Server;
let port: number;
let launched: string[];

beforeEach(async () => {
  log = new EventLog();
  launched = [];
  const app = createConsoleApp({
    log,
    profile: { audience: "https://bank.example/mcp", agents: [], attacks: [], replicas: 1, replayCache: "memory" },
    controls: {
      attack: async (id) => {
        launched.push(id);
        return id === "token-replay" ? { outcome: "blocked" } : undefined;
      },
      rotate: async () => {
        launched.push("rotate");
      },
      revoke: async (name) => {
        launched.push(`revoke ${name}`);
        return name === "Expense clerk";
      },
      reinstate: async (name) => {
        launched.push(`reinstate ${name}`);
        return name === "Expense clerk";
      },
      sample: async (kind) => `a.${kind}.`,
      trust: async () => ({ audience: "https://bank.example/mcp", issuers: [] }),
    },
    pages: fileURLToPath(new URL("../dist/web", import.meta.url)),
  });
  server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A request as it is, with whatever header a browser would not let a page set. */
function send(method: string, path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const host = `127.0.0.1:${port}`;
    request({ port, host: "127.0.0.1", method, path, headers: { Host: host, ...headers } }, resolve)
      .once("error", reject)
      .end();
  });
}

/** Reads a stream of events until it has seen an entry, and hangs up. */
async function entriesUntil(last: number, headers: Record<string, string> = {}): Promise<number[]> {
  const response = await send("GET", "/api/events", headers);
  const ids: number[] = [];
  let text = "";
  for await (const chunk of response) {
    text += chunk;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) ids.push(...JSON.parse(data).map(({ id }: { id: number }) => id));
    }
    if (ids.includes(last)) break;
  }
  response.destroy();
  return ids;
}

it("answers to its own machine only, so that DNS rebinding reaches nothing", async () => {
  for (const host of ["rebound.example", `rebound.example:${port}`, `127.0.0.1.rebound.example:${port}`]) {
    for (const path of ["/", "/api/trust", "/api/events"]) {
      expect((await send("GET", path, { Host: host })).statusCode, `${host}${path}`).toBe(403);
    }
  }
  expect((await send("GET", "/", { Host: `localhost:${port}` })).statusCode).toBe(200);
});

it("lets only its own page launch, rotate or revoke anything", async () => {
  for (const headers of [
    {},
    { Origin: "https://elsewhere.example" },
    { Origin: "null" },
    { Origin: `http://127.0.0.1:${port + 1}` },
  ]) {
    expect((await send("POST", "/api/attacks/token-replay", headers)).statusCode).toBe(403);
    expect((await send("POST", "/api/rotate", headers)).statusCode).toBe(403);
    expect((await send("POST", "/api/agents/Expense%20clerk/revoke", headers)).statusCode).toBe(403);
    expect((await send("POST", "/api/agents/Expense%20clerk/reinstate", headers)).statusCode).toBe(403);
  }
  expect(launched).toEqual([]);
  const own = { Origin: `http://127.0.0.1:${port}` };
  expect((await send("POST", "/api/attacks/token-replay", own)).statusCode).toBe(200);
  expect((await send("POST", "/api/attacks/none", own)).statusCode).toBe(404);
  expect((await send("POST", "/api/rotate", own)).statusCode).toBe(204);
  expect((await send("POST", "/api/agents/Expense%20clerk/revoke", own)).statusCode).toBe(204);
  expect((await send("POST", "/api/agents/Stranger/reinstate", own)).statusCode).toBe(404);
  expect(launched.slice(-2)).toEqual(["revoke Expense clerk", "reinstate Stranger"]);
});

it("allows its page nothing from elsewhere and nothing inline", async () => {
  for (const path of ["/", "/api/profile", "/nothing"]) {
    const { headers } = await send("GET", path);
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|data:|blob:|https?:|\*/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
  }
});

it("leaves its folder by no path", async () => {
  for (const path of ["/../main.js", "/..%2fmain.js", "/%2e%2e/main.js", "/assets/../../main.js", "//etc/passwd"]) {
    expect((await send("GET", path)).statusCode, path).toBeGreaterThanOrEqual(400);
  }
});

it("tells a page what happened before it came and what happens then, and the rest when it comes back", async () => {
  const event = { type: "agent", name: "Aurora", state: "verified" } as const;
  for (let i = 0; i < 3; i++) log.add("agent", event);
  const watching = entriesUntil(4);
  expect(await entriesUntil(3)).toEqual([1, 2, 3]);
  log.add("agent", event);
  expect(await watching).toEqual([1, 2, 3, 4]);
  expect(await entriesUntil(4, { "Last-Event-ID": "2" })).toEqual([3, 4]);
  expect(await entriesUntil(4, { "Last-Event-ID": "nonsense" })).toEqual([1, 2, 3, 4]);
});

it("keeps what happened last, and not everything for ever", async () => {
  for (let i = 0; i < 1000; i++) log.add("console", { type: "agent", name: "Aurora", state: "away" });
  expect(log.after(0).length).toBeLessThanOrEqual(400);
  expect(log.after(0).at(-1)?.id).toBe(1000);
});

it("has a place for so many pages, and again when one leaves", async () => {
  log.add("console", { type: "agent", name: "Aurora", state: "away" });
  const pages = await Promise.all(Array.from({ length: 32 }, () => send("GET", "/api/events")));
  // Each has been given its place once its first event is there.
  await Promise.all(pages.map((page) => new Promise((resolve) => page.once("data", resolve))));
  expect((await send("GET", "/api/events")).statusCode).toBe(503);
  pages[0]?.destroy();
  await expect
    .poll(async () => {
      const next = await send("GET", "/api/events");
      next.destroy();
      return next.statusCode;
    })
    .toBe(200);
});

it("has a sample of each kind for the inspector", async () => {
  for (const kind of ["attestation", "chain"]) {
    const response = await fetch(`http://127.0.0.1:${port}/api/samples/${kind}`);
    expect(await response.json()).toEqual({ token: `a.${kind}.` });
  }
  expect((await send("GET", "/api/samples/key")).statusCode).toBe(404);
});
