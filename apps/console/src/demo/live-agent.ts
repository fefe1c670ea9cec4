import { setTimeout as wait } from "node:timers/promises";
import type { AttestationEvent, Observer, TicketEvent } from "@attest/core";
import { type AttestingAgent, attestationErrorOf } from "@attest/mcp-client";
import { type Connection, connect, type Generation, lacksAttestation } from "demo-agent";
import type { AgentEvent, AgentProfile } from "../shared/feed.ts";

/** An agent that comes, calls tools and goes, again and again. */
export interface LiveAgent {
  readonly profile: AgentProfile;
  readonly generation: Generation;
  /** Begins to attest, with a key of its own each time. `undefined`: it has no attestation to show. */
  readonly begin: ((observer: Observer) => Promise<AttestingAgent>) | undefined;
  readonly plan: readonly (readonly [tool: string, args: Record<string, unknown>])[];
  /** What revokes it and lets it back in, for one that can be revoked. */
  readonly revocation?: { revoke(): Promise<unknown>; reinstate(): Promise<unknown> };
}

/** Milliseconds between two calls, between two sessions, and after a refusal. */
const PAUSE = { call: 1600, session: 4000, refusal: 8000 };
const CALLS_PER_SESSION = 18;

/** Lives an agent's life until it is told to stop. It never throws: what happens to it is the story. */
export async function live(
  agent: LiveAgent,
  bank: { url: URL; audience: string },
  tell: (event: AgentEvent | TicketEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { name } = agent.profile;
  const observer = { onEvent: (event: AttestationEvent) => event.type === "ticket" && tell(event) };
  // One for the agent's whole life: its key and its attestation outlive a session.
  let attesting = await agent.begin?.(observer);
  while (!signal.aborted) {
    tell({ type: "agent", name, state: "connecting" });
    let pause = PAUSE.session;
    try {
      await session(agent, attesting, bank, tell, signal);
      tell({ type: "agent", name, state: "away" });
    } catch (error) {
      pause = PAUSE.refusal;
      const reason = attestationErrorOf(error)?.reason;
      if (lacksAttestation(error)) tell({ type: "agent", name, state: "unattested" });
      else tell({ type: "agent", name, state: reason ? "refused" : "away", ...(reason && { reason }) });
      // What was revoked stays so: it comes back with a new key, if its authority lets it.
      if (reason === "attestation_revoked") attesting = await agent.begin?.(observer);
    }
    await wait(pause, undefined, { signal }).catch(() => {});
  }
}

async function session(
  { profile: { name }, generation, plan }: LiveAgent,
  attesting: AttestingAgent | undefined,
  { url, audience }: { url: URL; audience: string },
  tell: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const connection = await connect(generation, url, audience, attesting);
  try {
    let told = false;
    for (let i = 0; i < CALLS_PER_SESSION && !signal.aborted; i++) {
      const [tool, args] = plan[i % plan.length] ?? ["list_accounts", {}];
      await attempt(connection, tool, args);
      const { status, trustLevel } = connection.attestation ?? {};
      if (!told && status === "verified") {
        told = true;
        tell({ type: "agent", name, state: "verified", ...(trustLevel && { trustLevel }) });
      }
      await wait(PAUSE.call, undefined, { signal }).catch(() => {});
    }
  } finally {
    await connection.close().catch(() => {});
  }
}

/** Calls a tool. That one tool is not for this agent does not end its session. */
async function attempt(connection: Connection, tool: string, args: Record<string, unknown>): Promise<void> {
  try {
    await connection.call(tool, args);
  } catch (error) {
    if (attestationErrorOf(error)?.reason !== "attestation_claims_insufficient") throw error;
  }
}
