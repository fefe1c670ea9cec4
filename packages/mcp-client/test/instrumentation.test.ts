import { META_PROOF } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestTransport, localSource, type TransportLike } from "@attest/mcp-client";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Json } from "./raw-wire.ts";
import { RecordingWire } from "./recording-wire.ts";

let authority: TestAuthority;
let agent: AttestingAgent;
beforeEach(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
});

const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "transfer" } };
const proofIn = (message: unknown) => (message as { params: { _meta?: Json } }).params._meta?.[META_PROOF];

/** A transport that keeps its state where only its own methods reach it. */
class PrivateWire {
  readonly #sent: Json[] = [];
  onmessage?: ((message: unknown) => void) | undefined;
  async send(message: Json): Promise<void> {
    this.#sent.push(message);
  }
  get sent() {
    return this.#sent;
  }
  count(): number {
    return this.#sent.length;
  }
}

/** Transports with `send` as a member of their own, on a prototype, and with private state. */
const wires = [
  [
    "an object",
    () => {
      const sent: Json[] = [];
      return { sent, onmessage: undefined, send: async (message: Json) => void sent.push(message) };
    },
  ],
  ["a class", () => new RecordingWire()],
  ["a class with private members", () => new PrivateWire()],
] as const satisfies readonly (readonly [string, () => TransportLike & { readonly sent: Json[] }])[];

describe.each(wires)("an attested transport around %s, when its send is replaced", (_, make) => {
  const open = () => {
    const wire: TransportLike & { readonly sent: Json[] } = make();
    return { wire, transport: attestTransport(wire, { agent, audience: authority.audience }) };
  };

  it("sends through what was assigned, and once through the original", async () => {
    const { wire, transport } = open();
    const seen: unknown[] = [];
    const original = transport.send;
    transport.send = (...args: [unknown, unknown?]) => {
      seen.push(args[0]);
      return original.call(transport, ...args);
    };
    await transport.send(call);
    expect(seen).toEqual([call]);
    expect(wire.sent).toHaveLength(1);
    expect(proofIn(wire.sent[0])).toBeTypeOf("string");
  });

  it("sends through a spy, and without it after it is restored", async () => {
    const { wire, transport } = open();
    const original = transport.send;
    const spy = vi.spyOn(transport, "send");
    await transport.send(call);
    expect(spy).toHaveBeenCalledExactlyOnceWith(call);
    expect(wire.sent).toHaveLength(1);
    expect(proofIn(wire.sent[0])).toBeTypeOf("string");
    spy.mockRestore();
    expect(transport.send).toBe(original);
    await transport.send({ ...call, id: 2 });
    expect(proofIn(wire.sent[1])).toBeTypeOf("string");
  });

  it("sends nothing through a mock that sends nothing", async () => {
    const { wire, transport } = open();
    vi.spyOn(transport, "send").mockResolvedValue(undefined);
    await transport.send(call);
    expect(wire.sent).toEqual([]);
  });

  it("sends attested again after the replacement is deleted", async () => {
    const { wire, transport } = open();
    Object.defineProperty(transport, "send", { value: async () => {}, configurable: true, writable: true });
    delete (transport as Partial<TransportLike>).send;
    await transport.send(call);
    expect(proofIn(wire.sent[0])).toBeTypeOf("string");
  });

  it("sends a refused request again without showing it to the replacement a second time", async () => {
    const { wire, transport } = open();
    transport.onmessage = () => {};
    const spy = vi.spyOn(transport, "send");
    await transport.send(call);
    const data = { extension: "io.github.attest/agent-attestation", reason: "attestation_expired" };
    wire.onmessage?.({ jsonrpc: "2.0", id: 1, error: { code: -31003, message: "expired", data } });
    await expect.poll(() => wire.sent.length).toBe(2);
    expect(spy).toHaveBeenCalledOnce();
  });

  it.each(["assigned", "defined"])(
    "delivers each message once through an onmessage that is %s around another",
    (how) => {
      const { wire, transport } = open();
      const order: string[] = [];
      transport.onmessage = () => void order.push("client");
      const { onmessage } = transport;
      const around = (message: unknown) => {
        order.push("instrumentation");
        onmessage?.(message);
      };
      if (how === "assigned") transport.onmessage = around;
      else Object.defineProperty(transport, "onmessage", { value: around, configurable: true, writable: true });
      wire.onmessage?.({ jsonrpc: "2.0", method: "notifications/progress" });
      expect(order).toEqual(["instrumentation", "client"]);
      expect(transport.onmessage).toBe(around);
    },
  );

  it("replaces nothing of the transport inside, save the handler that it needs", async () => {
    const { wire, transport } = open();
    const { send } = wire;
    vi.spyOn(transport, "send");
    transport.onmessage = () => {};
    expect(wire.send).toBe(send);
    transport.onmessage = undefined;
    expect(wire.onmessage).toBeUndefined();
  });
});

describe("an attested transport", () => {
  it("has the members of the transport inside, private state included", async () => {
    const wire = new PrivateWire();
    const transport = attestTransport(wire, { agent, audience: authority.audience });
    await transport.send(call);
    expect([transport.count(), transport.sent]).toEqual([1, wire.sent]);
    expect(["count", "send", "attestation", "pid"].map((name) => name in transport)).toEqual([true, true, true, false]);
  });

  it("sends once through instrumentation of the transport inside, set before or after", async () => {
    const wire = new RecordingWire();
    const before = vi.spyOn(wire, "send");
    const transport = attestTransport(wire, { agent, audience: authority.audience });
    await transport.send(call);
    expect(before).toHaveBeenCalledOnce();
    before.mockRestore();
    const after = vi.spyOn(wire, "send");
    await transport.send(call);
    expect(after).toHaveBeenCalledOnce();
    expect(wire.sent).toHaveLength(2);
  });

  it("delivers to a handler that was set before it was attested", () => {
    const [wire] = InMemoryTransport.createLinkedPair();
    const received: unknown[] = [];
    wire.onmessage = (message) => void received.push(message);
    const status = { "io.github.attest/status": { verification_status: "verified" } };
    attestTransport(wire, { agent, audience: authority.audience });
    wire.onmessage?.({ jsonrpc: "2.0", method: "notifications/message", params: { _meta: status } });
    expect(received).toEqual([{ jsonrpc: "2.0", method: "notifications/message", params: {} }]);
  });
});
