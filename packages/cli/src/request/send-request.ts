import { randomUUID } from "node:crypto";
import type { KeyPair } from "@attest/core";
import { AttestingAgent, type AttestingFetch, attestFetch } from "@attest/mcp-client";
import { capabilityFor } from "../doctor/credentials.ts";
import { HANDSHAKE_VERSION, initializeRequest, plainRequest, readProbe, statelessRequest } from "../doctor/probe.ts";
import { type HttpOutcome, WireClient } from "../doctor/wire-client.ts";

/** What is sent, and by whom. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly attestation: string;
  readonly signer: KeyPair;
  readonly audience: string;
  readonly era: "auto" | "handshake" | "stateless";
  readonly timeoutMs: number;
  readonly accessToken?: string | undefined;
}

/** What came back, and how the server took the agent. */
export interface Answered {
  readonly exchange: HttpOutcome;
  readonly status: AttestingFetch["attestation"];
}

/**
 * Sends one attested request to a server over Streamable HTTP. A server of the handshake era gets an attested `initialize`
 * before, and the session ends after; one that refuses `initialize` for its attestation is not asked again.
 */
export async function sendRequest(request: OutgoingRequest): Promise<Answered> {
  const { url, method, params, era, attestation, signer, audience } = request;
  const agent = new AttestingAgent({ source: { getAttestation: async () => attestation }, signer });
  const fetch = attestFetch({ agent, audience, endpoint: url });
  const client = new WireClient(url, { ...request, fetch });
  const stateless = async (): Promise<HttpOutcome> => {
    const { message, headers } = statelessRequest(method, params);
    return client.request(message, headers);
  };
  const answered = (exchange: HttpOutcome): Answered => ({ exchange, status: fetch.attestation });
  if (era === "stateless" || method === "server/discover") return answered(await stateless());
  const opening = initializeRequest(randomUUID(), capabilityFor(undefined));
  const opened = await client.request(opening, {});
  const probe = readProbe(opened);
  if (probe.outcome !== "result") {
    const isUnknown = probe.outcome === "error" && probe.reason === undefined && era === "auto";
    return answered(isUnknown ? await stateless() : opened);
  }
  if (opened.outcome === "failed" || method === "initialize") return answered(opened);
  const sessionId = opened.headers.get("mcp-session-id");
  const session = {
    "mcp-protocol-version": HANDSHAKE_VERSION,
    ...(sessionId !== null && { "mcp-session-id": sessionId }),
  };
  await client.notify({ jsonrpc: "2.0", method: "notifications/initialized" }, session);
  const exchange = await client.request(plainRequest(method, params).message, session);
  if (sessionId !== null) await client.bodiless("DELETE", session);
  return answered(exchange);
}
