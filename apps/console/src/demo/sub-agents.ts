import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Allow, type TicketEvent, toSpiffeId } from "@attest/core";
import { AUDIENCE, followSubAgents, type HttpServer, startOrchestrator } from "demo-agent";
import type { DemoAuthority } from "./authorities.ts";
import type { LiveAgent } from "./live-agent.ts";
import { liveSubAgent } from "./live-sub-agent.ts";

/** A sub-agent of the cast: it has a process of its own, and no source but its parent. */
type CastSubAgent = Pick<LiveAgent, "profile" | "plan" | "revocation"> & {
  live(tell: Parameters<typeof liveSubAgent>[2], signal: AbortSignal): Promise<void>;
};

/** The sub-agents of the demo, running. */
interface RunningSubAgents {
  readonly cast: readonly CastSubAgent[];
  /** Has the parent take another key, once it is attested again. */
  renew(): void;
  stop(): Promise<void>;
}

const ALLOW: Readonly<Record<"reader" | "payer", Allow>> = {
  reader: { tools: ["list_accounts", "get_balance"] },
  payer: { tools: ["transfer"] },
};
const PLAN: LiveAgent["plan"] = [
  ["list_accounts", {}],
  ["get_balance", { account: "savings" }],
  ["transfer", { to: "savings", amount: 5 }],
];

/** Makes the file in which the bank's operator names the keys of sub-agents that the bank refuses. */
export async function openRefusals(): Promise<{ readonly file: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "attest-console-"));
  const file = join(folder, "refused-sub-agents");
  await writeFile(file, "");
  return { file, close: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Starts two sub-agents of an agent, each in a process of its own, which may do different things and try all.
 *
 * @param parent Who delegates to them. @param refusals The bank's file. @param onTicket Told what becomes of their tickets.
 */
export async function startSubAgents(
  parent: { readonly name: string; readonly at: DemoAuthority },
  bank: HttpServer,
  refusals: string,
  onTicket: (name: string, event: TicketEvent) => void,
): Promise<RunningSubAgents> {
  const { source, identity, trust } = parent.at;
  const program = fileURLToPath(import.meta.resolve("demo-agent/sub-agent"));
  const titles = { reader: `${parent.name}'s reader`, payer: `${parent.name}'s payer` };
  const orchestrator = await startOrchestrator({
    source,
    bank: { url: bank.url, audience: AUDIENCE },
    program,
    onTicket: (name, event) => onTicket(titles[name as keyof typeof titles], event),
  });
  const followed = followSubAgents(bank, refusals);
  const cast = (["reader", "payer"] as const).map((name): CastSubAgent => {
    const subAgent = orchestrator.spawn(name, ALLOW[name]);
    const profile: LiveAgent["profile"] = {
      name: titles[name],
      description: `A sub-agent of ${parent.name} in a process of its own. It tries every tool.`,
      subject: toSpiffeId(identity),
      issuer: trust.issuer,
      revocableBy: "bank",
      delegation: { by: parent.name, name, allow: ALLOW[name] },
    };
    return {
      profile,
      plan: PLAN,
      revocation: {
        // The key that it has, by the bank; and any other that it could take, by its parent.
        async revoke() {
          orchestrator.dismiss(name);
          await followed.refuse(name);
        },
        async reinstate() {
          orchestrator.readmit(name);
        },
      },
      live: (tell, signal) => liveSubAgent({ profile, plan: PLAN }, subAgent, tell, signal),
    };
  });
  return {
    cast,
    renew: () => orchestrator.renew(),
    async stop() {
      followed.stop();
      await orchestrator.stop();
    },
  };
}
