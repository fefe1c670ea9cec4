import { type AgentIdentity, AttestationProvider, createProof, KeyPair } from "@attest/core";
import type { Presentation, RedisAddress, WorkerSetup } from "./messages.ts";

const ISSUER = "https://authority.example";
const AUDIENCE = "https://server.example/mcp";
const IDENTITY: AgentIdentity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };

/**
 * A setup of workers and the authority that it trusts. Tolerance and skew are as small as they may be, so that a quarantine
 * ends after two seconds and many losses fit into a run; proofs live for half a minute, long beyond every fault.
 */
export async function setupFor(redis: RedisAddress): Promise<{ setup: WorkerSetup; provider: AttestationProvider }> {
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
  return { setup, provider: new AttestationProvider({ issuer: ISSUER, signer }) };
}

interface Agent {
  readonly attestation: string;
  readonly signer: KeyPair;
}

/** Agents with attestations, of whom each in turn proves a call of its own. */
export class Traffic {
  readonly #agents: Agent[];
  #made = 0;

  private constructor(agents: Agent[]) {
    this.#agents = agents;
  }

  static async of(provider: AttestationProvider, agents: number): Promise<Traffic> {
    return new Traffic(
      await Promise.all(
        Array.from({ length: agents }, async (_, i) => {
          const signer = await KeyPair.generate();
          const identity = { ...IDENTITY, deploymentId: `agent-${i}` };
          return { signer, attestation: await provider.createToken({ identity, confirmationKey: signer.toJwk() }) };
        }),
      ),
    );
  }

  async next(): Promise<Presentation> {
    const id = this.#made++;
    const { attestation, signer } = this.#agents[id % this.#agents.length] as Agent;
    const method = "tools/call";
    const params = { name: "transfer", arguments: { amount: id } };
    const request = { kind: "message", method, params } as const;
    return {
      id,
      attestation,
      proof: await createProof({ attestation, signer, audience: AUDIENCE, request }),
      method,
      params,
    };
  }
}
