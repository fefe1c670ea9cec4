import { fork } from "node:child_process";
import type { TicketEvent } from "@attest/core";
import type { CallOutcome, FromSubAgent, ToSubAgent } from "./messages.ts";

/** A sub-agent in a process of its own, as its parent has it. */
export interface SubAgent {
  readonly name: string;
  readonly pid: number;
  /** Has it call a tool. @throws Error if that fails for another reason than a refusal, or if its process has ended. */
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<CallOutcome>;
  /** Has it take another key with its next call. */
  renew(): void;
  /** Ends its process. */
  stop(): Promise<void>;
}

/**
 * Starts a sub-agent.
 *
 * @param program Its file. @param told What it receives over the channel, and by nothing else. @param onTicket Told what becomes of its
 * tickets.
 */
export function startSubAgent(
  program: string,
  name: string,
  told: Omit<Extract<ToSubAgent, { type: "begin" }>, "type">,
  onTicket: (event: TicketEvent) => void = () => {},
): SubAgent {
  // Without what this process was started with: the program is built, whatever runs its parent.
  const child = fork(program, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const waiting = new Map<number, { resolve(came: CallOutcome): void; reject(error: Error): void }>();
  let next = 1;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const abandon = (problem: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(`${name}: ${problem}`));
    waiting.clear();
  };
  child.on("message", (message: FromSubAgent) => {
    if (message.type === "event") return onTicket(message.event);
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === "called") call?.resolve(message.came);
    else call?.reject(new Error(`${name}: ${message.problem}`));
  });
  child.once("error", (error) => abandon(`its process could not be started (${error.message})`));
  child.once("exit", (code) => abandon(`its process has ended with status ${code}`));
  const tell = (message: ToSubAgent): void => {
    if (child.connected) child.send(message, (error) => error && abandon("it cannot be reached"));
    else abandon("its process has ended");
  };
  tell({ type: "begin", ...told });
  return {
    name,
    pid: child.pid ?? 0,
    call(tool, args) {
      const id = next++;
      const came = new Promise<CallOutcome>((resolve, reject) => waiting.set(id, { resolve, reject }));
      tell({ type: "call", id, tool, args });
      return came;
    },
    renew: () => tell({ type: "renew" }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await ended;
    },
  };
}
