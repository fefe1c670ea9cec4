import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import {
  type AttestationGuard,
  attestHandler,
  attestNodeHandler,
  attestServer,
  attestServerTransport,
  type FetchHandler,
} from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { createMcpHandler, McpServer as McpServerV2 } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { DEMAND, registerV2 } from "./demanding.ts";
import { createScene, listen as listenNode, reasonOf, request } from "./support.ts";

describe("subscriptions/listen that is served without a server", () => {
  const listening = {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "agent", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
    notifications: { resourceSubscriptions: ["ledger://all"] },
  };
  const listen = request(1, "subscriptions/listen", listening);
  const build = (guard: AttestationGuard, register: (server: McpServerV2) => void) => () => {
    const server = attestServer(new McpServerV2({ name: "bank", version: "1" }), guard);
    register(server);
    return server;
  };

  /** How a request for a stream is answered over HTTP. */
  const gates: [string, (guard: AttestationGuard, handler: FetchHandler) => Promise<string>][] = [
    ["attestHandler", async (guard, handler) => listenNode(toNode(attestHandler(handler, guard)))],
    [
      "attestNodeHandler",
      async (guard, handler) =>
        listenNode(
          (req, res) => void attestNodeHandler((req, res, body) => toNode(handler)(req, res, body), guard)(req, res),
        ),
    ],
  ];
  const toNode =
    (handler: FetchHandler) =>
    async (req: IncomingMessage, res: ServerResponse, parsedBody?: unknown): Promise<void> => {
      const headers = Object.entries(req.headers).map(([name, value]): [string, string] => [name, String(value)]);
      const body = parsedBody === undefined ? await buffer(req) : undefined;
      const init = { method: "POST", headers, ...(body && { body }) };
      const answer = await handler.fetch(new Request("https://server.example/mcp", init), parsedBody && { parsedBody });
      res.writeHead(answer.status, Object.fromEntries(answer.headers));
      res.flushHeaders();
      for await (const chunk of answer.body ?? []) res.write(chunk);
      res.end();
    };

  describe.each(gates)("over HTTP behind %s", (_, gate) => {
    it.each(["checked at once", "checked later", "not demanded"] as const)(
      "is for agents that may read the resources: %s (M12, SPEC-5.8)",
      async (demanding) => {
        const scene = await createScene();
        const guard = scene.guard();
        const demand = demanding === "checked later" ? { check: async () => false } : DEMAND;
        const register = (server: McpServerV2) => registerV2(server as never, demanding !== "not demanded" && demand);
        const url = await gate(guard, createMcpHandler(build(guard, register)));
        const init = await scene.alice.post(listen);
        const headers = {
          ...(init.headers as object),
          "MCP-Protocol-Version": "2026-07-28",
          "Mcp-Method": "subscriptions/listen",
        };
        const answer = await fetch(url, { ...init, headers });
        if (demanding !== "not demanded") {
          expect(answer.headers.get("agent-attestation-error")).toBe("attestation_claims_insufficient");
          expect(reasonOf(await answer.json())).toBe("attestation_claims_insufficient");
          return;
        }
        expect(answer.headers.get("content-type")).toContain("text/event-stream");
        const { value } = (await answer.body?.getReader().read()) ?? {};
        expect(new TextDecoder().decode(value)).toContain("notifications/subscriptions/acknowledged");
      },
    );
  });

  describe("over stdio", () => {
    it.each(["the first message", "a later message"])(
      "is for agents that may read the resources, as %s (M12, SPEC-5.8)",
      async (which) => {
        for (const demanding of [true, false]) {
          const scene = await createScene();
          const guard = scene.guard();
          let built: McpServerV2 | undefined;
          const make = build(guard, (server) => registerV2(server as never, demanding && { check: async () => false }));
          const [client, end] = InMemoryTransport.createLinkedPair();
          const answers: Record<string, unknown>[] = [];
          client.onmessage = (message) => void answers.push(message as never);
          const transport = attestServerTransport(end, guard) as never;
          const served = serveStdio(
            () => {
              built = make();
              return built;
            },
            { transport },
          );
          onTestFinished(() => served.close());
          await client.start();
          if (which !== "the first message") {
            await client.send(
              (await scene.alice.inBand(request(0, "tools/list", { _meta: listening._meta }))) as never,
            );
            await vi.waitFor(() => expect(answers).toHaveLength(1));
          }
          await client.send((await scene.alice.inBand(listen)) as never);
          const own = () => answers.filter(({ id }) => id !== 0);
          await vi.waitFor(() => expect(own()).toHaveLength(1));
          await built?.server.sendResourceUpdated({ uri: "ledger://all" });
          // A message that is answered after it: what was to come has come.
          await client.send((await scene.alice.inBand(request(0, "tools/list", { _meta: listening._meta }))) as never);
          await vi.waitFor(() => expect(answers.at(-1)).toMatchObject({ id: 0 }));
          if (demanding) {
            expect(own()).toHaveLength(1);
            expect(reasonOf(own()[0])).toBe("attestation_claims_insufficient");
          } else {
            expect(own().map(({ method }) => method)).toEqual([
              "notifications/subscriptions/acknowledged",
              "notifications/resources/updated",
            ]);
          }
        }
      },
    );
  });
});
