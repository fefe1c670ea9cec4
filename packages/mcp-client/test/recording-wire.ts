import { type AttestingAgent, type AttestTransportOptions, attestTransport } from "@attest/mcp-client";
import type { Json } from "./raw-wire.ts";

/** A transport that keeps what is sent and says what a test makes it say. */
export class RecordingWire {
  onmessage?: ((message: unknown) => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  readonly sent: Json[] = [];
  async send(message: Json, _options?: object): Promise<void> {
    this.sent.push(message);
  }
}

/** A recording wire, attested, and what its client receives. */
export function openRecording(agent: AttestingAgent, audience: string, options: Partial<AttestTransportOptions> = {}) {
  const wire = new RecordingWire();
  const transport = attestTransport(wire, { agent, audience, ...options });
  const received: Json[] = [];
  transport.onmessage = (message) => void received.push(message as Json);
  /** Resolves when everything that was to be sent before has been. */
  const settle = () => transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
  const timesSent = (id: number) => wire.sent.filter((message) => message["id"] === id).length;
  return { wire, transport, received, settle, timesSent };
}
