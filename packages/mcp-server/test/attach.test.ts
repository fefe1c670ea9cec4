import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createTestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestNodeHandler, attestServer, attestServerTransport } from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { expect, it } from "vitest";

it("settles when a sender hangs up in the middle of a body", async () => {
  const { verifierOptions } = await createTestAuthority();
  const handler = attestNodeHandler(() => {}, new AttestationGuard(verifierOptions));
  let settled: (outcome: string) => void = () => {};
  const outcome = new Promise<string>((resolve) => {
    settled = resolve;
  });
  const server = createServer((req, res) => {
    handler(req, res).then(
      () => settled("resolved"),
      () => settled("rejected"),
    );
    req.once("data", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
  expect(await outcome).toBe("resolved");
  server.close();
});

it("believes a brand of its own making once, and no other guard's (M3, M9, SPEC-4.22)", async () => {
  const { verifierOptions } = await createTestAuthority();
  const lenient = new AttestationGuard({ ...verifierOptions, policy: "optional" });
  const strict = new AttestationGuard(verifierOptions);
  const decision = await lenient.check({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  const { message } = decision as { message: object };
  for (const [guard, delivered] of [
    [strict, [0, 0]],
    [lenient, [1, 1]],
  ] as const) {
    const sent: object[] = [];
    const inner = {
      onmessage: undefined as ((m: object) => void) | undefined,
      send: async (m: object) => void sent.push(m),
    };
    const got: object[] = [];
    const transport = attestServerTransport(inner, guard);
    transport.onmessage = (m) => void got.push(m);
    inner.onmessage?.(message);
    expect(got).toHaveLength(delivered[0]);
    inner.onmessage?.(message);
    expect(got).toHaveLength(delivered[1]);
  }
});

it("connects a guarded server over no transport that another guard lets messages through", async () => {
  const { verifierOptions } = await createTestAuthority();
  const lenient = new AttestationGuard({ ...verifierOptions, policy: "optional" });
  const strict = new AttestationGuard(verifierOptions);
  for (const [guard, connected] of [
    [lenient, false],
    [strict, true],
  ] as const) {
    const server = attestServer(new McpServer({ name: "strict", version: "1.0.0" }), strict);
    const [side] = InMemoryTransport.createLinkedPair();
    const outcome = await server.connect(attestServerTransport(side, guard)).then(
      () => "connected",
      ({ code }) => code,
    );
    expect(outcome).toBe(connected ? "connected" : "ERR_ALREADY_ATTESTED");
    await server.close();
  }
});

it("refuses to guard a server that is connected already, and options beside a verifier", async () => {
  const { verifierOptions, verifier } = await createTestAuthority();
  const guard = new AttestationGuard(verifierOptions);
  const server = new McpServer({ name: "late", version: "1.0.0" });
  const [side] = InMemoryTransport.createLinkedPair();
  await server.connect(side);
  expect(() => attestServer(server, guard)).toThrow("before it is connected");
  expect(() => new AttestationGuard({ verifier, policy: "required" } as { verifier: typeof verifier })).toThrow(
    "verifier",
  );
  expect(() => new AttestationGuard(undefined as never)).toThrow("of a guard must be an object");
  await server.close();
});
