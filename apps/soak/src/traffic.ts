import { randomBytes } from "node:crypto";
import {
  type AgentIdentity,
  AttestationIssuer,
  createMacProof,
  createProof,
  KeyPair,
  systemClock,
  type Ticket,
  TicketAsk,
} from "@attest/core";
import type { Answer, Presentation, RedisAddress, WorkerSetup } from "./messages.ts";

const ISSUER = "https://authority.example";
const AUDIENCE = "https://server.example/mcp";
const IDENTITY: AgentIdentity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };

/**
 * A setup of workers and the authority that it trusts. Tolerance and skew are as small as they may be, so that a quarantine
 * ends after two seconds and many losses fit into a run; proofs live for half a minute, long beyond every fault.
 */
export async function setupFor(redis: RedisAddress): Promise<{ setup: WorkerSetup; provider: AttestationIssuer }> {
  const signer = await KeyPair.generate();
  const setup: WorkerSetup = {
    redis,
    issuer: ISSUER,
    audience: AUDIENCE,
    authorityKey: signer.toJwk(),
    clockTolerance: 1,
    nodeSkew: 1,
    proofWindow: 30,
    commandTimeoutMs: 250,
    keyPrefix: "att:",
    ring: randomBytes(32).toString("base64url"),
  };
  return { setup, provider: new AttestationIssuer({ issuer: ISSUER, signer }) };
}

/** How long an agent keeps an attestation, in milliseconds: a run may last longer than any of them is valid. */
const RENEWAL_MS = 60_000;

interface Agent {
  readonly identity: AgentIdentity;
  readonly signer: KeyPair;
  attestation: string;
  renewAt: number;
  /** Whether it proves its calls by MACs where it can. */
  readonly ticketed: boolean;
  held?: { readonly ticket: Ticket; readonly until: number };
  asking?: { readonly id: number; readonly ask: TicketAsk; readonly proof: string; readonly at: number };
}

/** Agents with attestations, half of them with tickets, of whom each in turn proves a call of its own. */
export class Traffic {
  readonly #provider: AttestationIssuer;
  readonly #agents: Agent[];
  #made = 0;
  /** Calls that were proved by a MAC. */
  macs = 0;
  /** Tickets that were dropped because a worker refused them. */
  fallbacks = 0;

  private constructor(provider: AttestationIssuer, agents: Agent[]) {
    this.#provider = provider;
    this.#agents = agents;
  }

  static async of(provider: AttestationIssuer, agents: number): Promise<Traffic> {
    const made = Array.from({ length: agents }, async (_, i) => {
      const identity = { ...IDENTITY, deploymentId: `agent-${i}` };
      return { identity, signer: await KeyPair.generate(), attestation: "", renewAt: 0, ticketed: i % 2 === 1 };
    });
    return new Traffic(provider, await Promise.all(made));
  }

  async next(): Promise<Presentation> {
    const id = this.#made++;
    const agent = this.#agents[id % this.#agents.length] as Agent;
    const { signer } = agent;
    const attestation = await this.#attestationOf(agent);
    const method = "tools/call";
    const params = { name: "transfer", arguments: { amount: id } };
    const request = { kind: "message", method, params } as const;
    const of = { attestation, audience: AUDIENCE, request };
    const { ticket, until = 0 } = agent.held ?? {};
    if (ticket && systemClock() < until) {
      this.macs++;
      return { id, attestation, proof: await createMacProof({ ...of, ticket }), method, params };
    }
    const ask = agent.ticketed && !agent.asking ? await TicketAsk.begin() : undefined;
    const proof = await createProof({ ...of, signer, ...(ask && { ticketKey: ask.epk }) });
    if (ask) agent.asking = { id, ask, proof, at: systemClock() };
    return { id, attestation, proof, method, params };
  }

  /** Takes what a worker said: the first to accept what asked for a ticket grants it, and the others refuse a repetition. */
  async take({ id, code, grant }: Answer, isOver: boolean): Promise<void> {
    const agent = this.#agents[id % this.#agents.length] as Agent;
    const { asking } = agent;
    if (asking?.id === id && (grant || isOver)) {
      delete agent.asking;
      const { ask, proof, at } = asking;
      const ticket = await ask.complete(grant, { proof, audience: AUDIENCE, thumbprint: agent.signer.kid });
      if (ticket) agent.held = { ticket, until: at + ticket.expiresIn - 10 };
    } else if (code.startsWith("ERR_TICKET") && isOver && agent.held) {
      delete agent.held;
      this.fallbacks++;
    }
  }

  async #attestationOf(agent: Agent): Promise<string> {
    if (performance.now() >= agent.renewAt) {
      const { identity, signer } = agent;
      agent.attestation = await this.#provider.createToken({ identity, confirmationKey: signer.toJwk() });
      agent.renewAt = performance.now() + RENEWAL_MS;
    }
    return agent.attestation;
  }
}
