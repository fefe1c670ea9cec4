import type { Readable, Writable } from "node:stream";
import { isJsonObject, optionError, refuseUnknownOptions } from "@attest/core";
import { type AttestingAgent, attestTransport, type TransportLike } from "@attest/mcp-client";
import type { JsonRpcId } from "@attest/mcp-server/gate";
import { Child, ProcessEnded } from "../process/child.ts";
import { checkVariables } from "../process/child-environment.ts";
import { LineTransport } from "../process/line-transport.ts";
import { trouble, troubleOf } from "./trouble.ts";

/** A server over stdio that a host uses through its companion. */
export interface ConnectProcessOptions {
  /** Whose attestations and proofs the companion sends. */
  readonly agent: AttestingAgent;
  /** The server's resource identifier, exactly as configured there. */
  readonly audience: string;
  /** Starts a server that verifies what it is sent. */
  readonly command: string;
  /** The program's arguments. Default: none. */
  readonly args?: readonly string[];
  /** Its environment, besides `PATH`, `HOME` and the like. Nothing else of this process's own environment reaches it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the host writes. Default: this process's stdin. */
  readonly input?: Readable;
  /** Where the host reads. Default: this process's stdout. */
  readonly output?: Writable;
  /** Notified of each line that the server writes to stderr. Default: it goes to this process's stderr. */
  readonly onStderr?: (line: string) => void;
}

/** A companion that runs, with the server that it started. */
export interface ProcessConnection {
  /** Resolves when the server has ended and everything asked has an answer: to whether the host ended it, with nothing open. */
  readonly ended: Promise<boolean>;
  /** Ends the server. */
  close(): Promise<void>;
}

const MAX_LINE = 16 * 1024 * 1024;
const ENDED = "attest: the server ended without an answer";
const OPTIONS = {
  agent: true,
  audience: true,
  command: true,
  args: true,
  env: true,
  input: true,
  output: true,
  onStderr: true,
} as const;

/**
 * A companion of an MCP client that nobody changes, for a server over stdio: the client starts it in the place of the server, and it
 * starts the server and attests each message to it. What cannot be attested is not sent; the client gets an error under its id.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function connectProcess(options: ConnectProcessOptions): ProcessConnection {
  refuseUnknownOptions(options, OPTIONS, "connectProcess");
  const { agent, audience, command, args = [], env = {}, input = process.stdin, output = process.stdout } = options;
  const { onStderr = (line: string) => void process.stderr.write(`${line}\n`) } = options;
  if (typeof command !== "string" || command === "") throw optionError("command", "must be a command");
  checkVariables("env", env);
  const lines = new LineTransport(input, output, MAX_LINE);
  /** Requests without an answer, and messages that are on their way to the server. */
  const asked = new Set<JsonRpcId>();
  const sending = new Set<Promise<void>>();
  let hostEnded = false;
  let serverEnded = false;
  let end: (byHost: boolean) => void = () => {};
  const ended = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  const pipes: TransportLike = { send: (message: unknown) => child.write(JSON.stringify(message)) };
  const wire = attestTransport(pipes, { agent, audience });
  wire.onmessage = (message: Record<string, unknown>) => {
    if (!("method" in message)) asked.delete(message["id"] as JsonRpcId);
    void lines.send(message);
  };
  const fail = async (id: JsonRpcId, why: string): Promise<void> => {
    if (asked.delete(id)) await lines.send(trouble(id, why));
  };
  const child = new Child({ command, args, env }, MAX_LINE, {
    onLine(line) {
      const message = parsed(line);
      if (message) pipes.onmessage?.(message);
    },
    onStderr,
    async onExit() {
      serverEnded = true;
      const open = [...asked];
      await Promise.all(open.map((id) => fail(id, ENDED)));
      end(hostEnded && open.length === 0);
    },
  });
  lines.onmessage = (message) => {
    if (!isJsonObject(message)) return;
    const { id, method } = message as { id?: JsonRpcId; method?: string };
    const isRequest = id !== undefined && method !== undefined;
    if (isRequest) asked.add(id);
    const failed = (error: unknown) => {
      const ended = error instanceof ProcessEnded;
      // Of a server that is about to be gone, `onExit` says so.
      return !isRequest || (ended && !serverEnded) ? undefined : fail(id, ended ? ENDED : troubleOf(error));
    };
    const sent: Promise<void> = wire
      .send(message)
      .catch(failed)
      .finally(() => sending.delete(sent));
    sending.add(sent);
  };
  lines.read().then(async () => {
    // What the host wrote before it ended reaches the server, whose answers come before its own end.
    while (sending.size > 0) await Promise.all(sending);
    hostEnded = true;
    await child.end();
  });
  return { ended, close: () => child.end() };
}

/** A message in a line; servers print by mistake, and what is no message is nobody's. */
function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return isJsonObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
