import type { Readable, Writable } from "node:stream";
import { isJsonObject, optionError, refuseUnknownOptions } from "@attest/core";
import { type AttestationGuard, attestServerTransport } from "@attest/mcp-server";
import {
  classify,
  type Exchange,
  exchangeIn,
  type Finding,
  type JsonRpcId,
  methodOf,
  refuseDemand,
} from "@attest/mcp-server/gate";
import { failureMessage } from "../answer/upstream-failure.ts";
import type { Demands } from "../demands/demand.ts";
import { demandProblem } from "../demands/demand-problem.ts";
import { DemandTable } from "../demands/demand-table.ts";
import { visibleList } from "../demands/visible-list.ts";
import { META_VERIFIED, verifiedClaims } from "../wire/assertion.ts";
import { ownSerialization } from "../wire/own-serialization.ts";
import { Child } from "./child.ts";
import { checkVariables } from "./child-environment.ts";
import { LineTransport } from "./line-transport.ts";
import { unwritten } from "./unwritten.ts";

/** A server over stdio, and who may use it. */
export interface GuardProcessOptions {
  /** Decides about every message. */
  readonly guard: AttestationGuard;
  /** The server's program. No shell reads it. */
  readonly command: string;
  /** The program's arguments. Default: none. */
  readonly args?: readonly string[];
  /** Its environment, besides `PATH`, `HOME` and the like. Nothing else of this process's own environment reaches it. */
  readonly env?: Readonly<Record<string, string>>;
  /** What an agent must be, by tool, resource and prompt. Default: whatever the guard's policy lets through. */
  readonly demands?: Demands;
  /** Leave what an agent may not use out of the lists that it is given. Default true. */
  readonly hideUnmet?: boolean;
  /** Where the agent writes. Default: this process's stdin. */
  readonly input?: Readable;
  /** Where the agent reads. Default: this process's stdout. */
  readonly output?: Writable;
  /** Notified of each line that the server writes to stderr. Default: it goes to this process's stderr. */
  readonly onStderr?: (line: string) => void;
}

/** A server that is guarded. */
export interface GuardedProcess {
  /** Resolves when the agent or the server has ended: to whether it was the agent. */
  readonly ended: Promise<boolean>;
  /** Ends the server. */
  close(): Promise<void>;
}

const MAX_LINE = 16 * 1024 * 1024;
const OPTIONS = {
  guard: true,
  command: true,
  args: true,
  env: true,
  demands: true,
  hideUnmet: true,
  input: true,
  output: true,
  onStderr: true,
} as const;

/**
 * Starts a server that speaks over stdio and puts a guard before it, that nobody changes: what a host starts in the place of the
 * server. The server finds who was verified in `_meta["io.github.attest/verified"]`.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function guardProcess(options: GuardProcessOptions): GuardedProcess {
  refuseUnknownOptions(options, OPTIONS, "guardProcess");
  const { guard, command, args = [], env = {}, hideUnmet = true } = options;
  const { input = process.stdin, output = process.stdout } = options;
  const { onStderr = (line: string) => void process.stderr.write(`${line}\n`) } = options;
  if (typeof guard?.check !== "function") throw optionError("guard", "must be an AttestationGuard");
  if (typeof command !== "string" || command === "") throw optionError("command", "must be a command");
  checkVariables("env", env);
  const demands = options.demands && new DemandTable(options.demands);
  const lines = new LineTransport(input, output, MAX_LINE);
  const wire = attestServerTransport(lines, guard);
  /** Requests that the server has not answered. */
  const asked = new Map<JsonRpcId, { readonly method: string | undefined; readonly finding: Finding }>();
  let end: (byAgent: boolean) => void = () => {};
  const ended = new Promise<boolean>((resolve) => {
    end = resolve;
  });

  const answer = (message: Record<string, unknown>): Promise<void> => {
    const known = "method" in message ? undefined : asked.get(message["id"] as JsonRpcId);
    if (known) asked.delete(message["id"] as JsonRpcId);
    const { result } = message;
    if (!known || !demands || !hideUnmet || !isJsonObject(result)) return wire.send(message);
    return wire.send({ ...message, result: visibleList(demands, known.finding, known.method, result) });
  };
  const child = new Child({ command, args, env }, MAX_LINE, {
    async onLine(line) {
      let message: unknown;
      try {
        message = JSON.parse(line);
      } catch {
        // Servers print by mistake; what is no message is nobody's.
        return;
      }
      if (isJsonObject(message)) await answer(message);
    },
    onStderr,
    onExit() {
      for (const id of asked.keys()) void wire.send(JSON.parse(failureMessage(id, "broke-off")));
      asked.clear();
      end(false);
    },
  });

  /** Writes a message again for the server. Rejects also if that cannot be done. */
  const pass = async (exchange: Pick<Exchange, "message">, id: unknown, told?: object) =>
    child.write(ownSerialization(exchange, id, told));

  wire.onmessage = (message: unknown) => {
    const rpc = classify(message);
    const exchange = exchangeIn(rpc);
    // A guard that only reports passes on what is no message; and an error has no place for the verified claims.
    if (!rpc || !exchange) {
      if (rpc) pass({ message: rpc }, (message as { id?: unknown }).id).catch(() => {});
      return;
    }
    const { finding } = exchange;
    const problem = demands && demandProblem(demands, rpc, exchange);
    if (problem && rpc.kind === "request") {
      refuseDemand(guard, rpc, exchange, problem);
      // The guard's transport knows what was refused, and answers that in the place of this.
      void wire.send({ jsonrpc: "2.0", id: rpc.id, result: {} });
      return;
    }
    if (rpc.kind === "request") asked.set(rpc.id, { method: methodOf(rpc), finding });
    const told = finding.verified ? { [META_VERIFIED]: verifiedClaims(finding) } : undefined;
    const { id } = message as { id?: unknown };
    pass(exchange, id, told).catch((error: unknown) => {
      if (rpc.kind !== "request" || !asked.delete(rpc.id)) return;
      void wire.send(JSON.parse(failureMessage(rpc.id, unwritten(error))));
    });
  };
  lines.read().then(async () => {
    end(true);
    await child.end();
  });
  return {
    ended,
    close: () => child.end(),
  };
}
