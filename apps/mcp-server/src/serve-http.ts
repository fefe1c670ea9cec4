import type { Server } from "node:http";
import { type AttestationGuard, attestHandler } from "@attest/mcp-server";
import { createAdaptorServer } from "@hono/node-server";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { Hono } from "hono";
import { z } from "zod";
import type { Audit } from "./audit.ts";
import { addBank } from "./bank.ts";
import { type ToolTexts, toolTextsFrom } from "./tool-texts.ts";

/** The bank on the v2 SDK. `createMcpHandler` builds one for every request, so the guard is made elsewhere, once. */
export function buildBank(audit: Audit, texts: () => ToolTexts = toolTextsFrom(undefined)): McpServer {
  const server = new McpServer({ name: "demo-bank", version: "1.0.0" });
  const twin = () => buildBank(audit, texts);
  addBank(server, { schema: (shape) => z.object(shape), audit, texts: texts(), twin });
  return server;
}

/**
 * The bank over Streamable HTTP with the v2 SDK, at `/mcp`, for clients of both protocol eras. No session is kept between
 * requests, so that any replica can answer any of them.
 */
export function createHttpServer(guard: AttestationGuard, audit: Audit, texts?: () => ToolTexts): Server {
  const build = () => buildBank(audit, texts);
  const handler = attestHandler(createMcpHandler(build), guard);
  const app = new Hono();
  app.get("/health", (c) => c.json({ status: "ok" }));
  app.all("/mcp", (c) => handler.fetch(c.req.raw));
  return createAdaptorServer({ fetch: app.fetch }) as Server;
}
