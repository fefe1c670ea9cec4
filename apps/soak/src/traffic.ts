import { type AgentIdentity, AttestationIssuer, createProof, KeyPair } from "@attest/core";
import type { Presentation, RedisAddress, WorkerSetup } from "./messages.ts";

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
}

/** Agents with attestations, of whom each in turn proves a call of its own. */
export class Traffic {
  readonly #provider: AttestationIssuer;
  readonly #agents: Agent[];
  #made = 0;

  private constructor(provider: AttestationIssuer, agents: Agent[]) {
    this.#provider = provider;
    this.#agents = agents;
  }

  static async of(provider: AttestationIssuer, agents: number): Promise<Traffic> {
    const made = Array.from({ length: agents }, async (_, i) => {
      const identity = { ...IDENTITY, deploymentId: `agent-${i}` };
      return { identity, signer: await KeyPair.generate(), attestation: "", renewAt: 0 };
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
    const proof = await createProof({ attestation, signer, audience: AUDIENCE, request });
    return { id, attestation, proof, method, params };
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
