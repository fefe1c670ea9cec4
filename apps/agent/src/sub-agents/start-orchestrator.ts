import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Allow, TicketEvent } from "@attest/core";
import { type AttestationSource, AttestingAgent, createDelegationHandler } from "@attest/mcp-client";
import { createAdaptorServer } from "@hono/node-server";
import { type SubAgent, startSubAgent } from "./start-sub-agent.ts";

/** An attested agent that has sub-agents in processes of their own. */
export interface Orchestrator {
  /** Starts a sub-agent and lets it do this much, at the bank alone. */
  spawn(name: string, allow: Allow): SubAgent;
  /** Delegates to a sub-agent no more. What it holds stays valid until it expires: to refuse it before that, a server must know. */
  dismiss(name: string): void;
  /** Delegates again to a sub-agent that was dismissed. */
  readmit(name: string): void;
  /** Takes another key, so that what it delegates from now on hangs on another attestation. */
  renew(): void;
  /** Ends its sub-agents, and stops listening. */
  stop(): Promise<void>;
}

/** Whom it delegates to: by the hash of a secret that only that sub-agent knows. */
interface Known {
  readonly name: string;
  readonly allow: Allow;
  readonly hash: Buffer;
  dismissed: boolean;
}

/**
 * Starts an orchestrator: it listens on the loopback interface for its sub-agents, on a free port.
 *
 * @param options.program The sub-agents' file.
 */
export async function startOrchestrator(options: {
  source: AttestationSource;
  bank: { readonly url: URL; readonly audience: string };
  program: string;
  onTicket?: (name: string, event: TicketEvent) => void;
}): Promise<Orchestrator> {
  const { source, bank, program, onTicket = () => {} } = options;
  const known: Known[] = [];
  const subAgents: SubAgent[] = [];
  const begin = () =>
    createDelegationHandler(new AttestingAgent({ source }), {
      authorize(credential) {
        const hash = hashOf(credential);
        // Every one is compared, whichever it is.
        const [found] = known.filter((one) => timingSafeEqual(one.hash, hash));
        if (!found || found.dismissed) return undefined;
        const { name, allow } = found;
        return { name, allow, audiences: [bank.audience], depth: 0 };
      },
    });
  let handler = begin();
  const server = createAdaptorServer({ fetch: (request: Request) => handler(request) }) as Server;
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  const set = (name: string, dismissed: boolean): void => {
    for (const one of known) if (one.name === name) one.dismissed = dismissed;
  };
  return {
    spawn(name, allow) {
      const secret = randomBytes(32).toString("base64url");
      known.push({ name, allow, hash: hashOf(secret), dismissed: false });
      const delegations = `http://127.0.0.1:${port}/delegations`;
      const told = { delegations, secret, server: bank.url.href, audience: bank.audience };
      const subAgent = startSubAgent(program, name, told, (event) => onTicket(name, event));
      subAgents.push(subAgent);
      return subAgent;
    },
    dismiss: (name) => set(name, true),
    readmit: (name) => set(name, false),
    renew() {
      handler = begin();
    },
    async stop() {
      await Promise.all(subAgents.map((subAgent) => subAgent.stop()));
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
