import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AttestationVerifier, HTTP_FIELDS, readAuthorization, type VerificationRequest } from "@attest/core";
import { createAdaptorServer } from "@hono/node-server";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import type { RecordedRequest } from "./recorded-request.ts";
import { SCENARIO_TOOLS } from "./scenario-tools.ts";

/** The path of the endpoint that the client is given. */
const ENDPOINT = "/mcp";

/** A server of MCP that records what a client sends it, and answers calls as the scenario's tools say. */
export class ScenarioServer {
  readonly requests: RecordedRequest[] = [];
  readonly #verifier: AttestationVerifier;
  readonly #server: Server;
  readonly #sessionId: string = randomUUID();

  /** @param verifier Judges the credentials of each request. */
  constructor(verifier: AttestationVerifier) {
    this.#verifier = verifier;
    const handler = createMcpHandler(buildServer);
    this.#server = createAdaptorServer({
      fetch: (request) => this.#answer(request, (passed) => handler.fetch(passed)),
    }) as Server;
  }

  /** @returns The endpoint's URL. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${ENDPOINT}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: Request, serve: (request: Request) => Promise<Response>): Promise<Response> {
    const body = new Uint8Array(await request.arrayBuffer());
    const message = messageIn(body);
    const recorded = await this.#record(request, body, message);
    this.requests.push(recorded);
    if (recorded.path !== ENDPOINT) return new Response(null, { status: 404 });
    const { tool, provedAt } = recorded;
    if (tool !== undefined && Object.hasOwn(SCENARIO_TOOLS, tool)) {
      const attempt = this.requests.filter((one) => one.tool === tool).length;
      const refused = SCENARIO_TOOLS[tool]?.({ attempt, provedAt: provedAt ?? 0 }, message.id);
      if (refused) return refused;
    }
    const headers = new Headers(request.headers);
    // The server behind keeps no sessions; the scenario has one, so that proofs must name it.
    headers.delete("mcp-session-id");
    const answer = await serve(
      new Request(request.url, { method: request.method, headers, ...(body.length > 0 && { body }) }),
    );
    if (message.method !== "initialize") return answer;
    const withSession = new Headers(answer.headers);
    withSession.set("Mcp-Session-Id", this.#sessionId);
    return new Response(answer.body, { status: answer.status, headers: withSession });
  }

  async #record(request: Request, body: Uint8Array, { method, params }: Message): Promise<RecordedRequest> {
    const attestation = request.headers.get(HTTP_FIELDS.attestation);
    const proof = request.headers.get(HTTP_FIELDS.proof);
    const sessionId = request.headers.get("mcp-session-id") ?? undefined;
    const { accessToken } = readAuthorization(request.headers.get("authorization"));
    const asked: VerificationRequest = {
      kind: "http",
      method: request.method,
      body,
      ...(proof !== null && { proof }),
      ...(sessionId !== undefined && { sessionId }),
      ...(accessToken !== undefined && { accessToken }),
    };
    const result = await this.#verifier.verify(attestation ?? undefined, asked);
    const tool = method === "tools/call" ? params?.name : undefined;
    return {
      path: new URL(request.url).pathname,
      method: request.method,
      hasCredentials: attestation !== null || proof !== null,
      code: "code" in result ? result.code : undefined,
      provedAt: issuedAt(proof),
      sessionId,
      tool: typeof tool === "string" ? tool : undefined,
    };
  }
}

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: { readonly name?: unknown };
}

function messageIn(body: Uint8Array): Message {
  try {
    return JSON.parse(new TextDecoder().decode(body)) ?? {};
  } catch {
    return {};
  }
}

function issuedAt(proof: string | null): number | undefined {
  try {
    const { iat } = JSON.parse(Buffer.from(proof?.split(".")[1] ?? "", "base64url").toString());
    return typeof iat === "number" ? iat : undefined;
  } catch {
    return undefined;
  }
}

function buildServer(): McpServer {
  const server = new McpServer({ name: "attest-conformance", version: "1.0.0" });
  for (const name of Object.keys(SCENARIO_TOOLS)) {
    server.registerTool(name, { description: "A tool without arguments" }, () => ({
      content: [{ type: "text", text: "done" }],
    }));
  }
  return server;
}
