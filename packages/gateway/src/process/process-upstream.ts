import { randomUUID } from "node:crypto";
import { isJsonObject } from "@attest/core";
import { type JsonRpcId, objectAt } from "@attest/mcp-server/gate";
import { failureMessage } from "../answer/upstream-failure.ts";
import type { CallEnd } from "../call-end.ts";
import type { Upstream, UpstreamAnswer, UpstreamRequest } from "../upstream/upstream.ts";
import type { ChildCommand } from "./child.ts";
import { ChildSession } from "./child-session.ts";
import type { EventQueue } from "./event-queue.ts";

/** Processes that serve sessions, each one. */
export interface ProcessUpstreamConfiguration extends ChildCommand {
  /** Processes at most, and those of one agent. */
  readonly max: number;
  readonly perAgent: number;
  /** Milliseconds after which a session that is not used ends. */
  readonly idleMs: number;
  /** Characters of a line on stdout. */
  readonly maxLine: number;
  readonly onStderr: (line: string) => void;
}

interface Held {
  readonly session: ChildSession;
  readonly agent: string;
  /** Its process is on its way out, and serves nobody. */
  isEnding: boolean;
}

/**
 * A server that speaks over stdio, behind HTTP: a process for each session, started by an `initialize` that was let through and by
 * nothing else. Agents are never served by one process: roots, log level and subscriptions are shared there.
 */
export function processUpstream(configuration: ProcessUpstreamConfiguration): Upstream {
  const { max, perAgent, idleMs, maxLine, onStderr } = configuration;
  const sessions = new Map<string, Held>();
  let closed = false;
  const sweep = setInterval(
    () => {
      const now = performance.now();
      for (const [id, { session, isEnding }] of sessions)
        if (!isEnding && session.isIdle && now - session.usedAt > idleMs) void end(id);
    },
    Math.min(idleMs, 10_000),
  );
  sweep.unref();

  /** Ends a session. Its process counts until it is gone. */
  const end = async (id: string): Promise<void> => {
    const held = sessions.get(id);
    if (!held) return;
    held.isEnding = true;
    await held.session.end();
  };
  const hasRoom = (agent: string): boolean =>
    sessions.size < max && [...sessions.values()].filter((held) => held.agent === agent).length < perAgent;
  /** Ends the agent's oldest session, and waits until its process is gone; false if it has none that could end. */
  const endOldestOf = async (agent: string): Promise<boolean> => {
    const [oldest] = [...sessions]
      .filter(([, held]) => held.agent === agent && !held.isEnding)
      .sort(([, a], [, b]) => a.session.usedAt - b.session.usedAt);
    if (!oldest) return false;
    await end(oldest[0]);
    return true;
  };

  const initialize = async (id: JsonRpcId, text: string, request: UpstreamRequest): Promise<UpstreamAnswer> => {
    const { attestation, call } = request;
    const agent = attestation
      ? JSON.stringify([attestation.issuer, attestation.subject, attestation.keyThumbprint])
      : "unverified";
    // Between finding that there is room and taking it, nothing else runs.
    while (!hasRoom(agent)) if (!(await endOldestOf(agent))) return json(200, failureMessage(id, "processes"));
    // Nobody would ever use what was started now.
    if (call.over) throw new Error("Nobody waits for the answer");
    if (closed) return json(200, failureMessage(id, "processes"));
    const sessionId = randomUUID();
    const session = new ChildSession(configuration, maxLine, {
      onStderr,
      onExit: () => void sessions.delete(sessionId),
    });
    sessions.set(sessionId, { session, agent, isEnding: false });
    return events(session.ask(id, undefined, text), id, sessionId, call);
  };

  const post = async ({ session }: Held, sessionId: string, text: string, call: CallEnd): Promise<UpstreamAnswer> => {
    const message: unknown = JSON.parse(text);
    const { id, method, params } = isJsonObject(message) ? message : {};
    if (method === undefined || id === undefined) {
      await Promise.race([session.tell(text), endOf(call)]);
      return empty(202);
    }
    const { progressToken } = objectAt(params, "_meta");
    return events(session.ask(id as JsonRpcId, progressToken as JsonRpcId, text), id as JsonRpcId, sessionId, call);
  };

  return {
    async send(request: UpstreamRequest) {
      const { method, headers, body = "", call } = request;
      const sessionId = headers["Mcp-Session-Id"];
      const held = sessionId === undefined ? undefined : sessions.get(sessionId);
      if (sessionId !== undefined && (!held || held.isEnding)) return empty(404);
      if (held && sessionId !== undefined) {
        if (method === "POST") return post(held, sessionId, body, call);
        if (method === "GET") return events(held.session.open(), null, sessionId, call);
        await end(sessionId);
        return empty(200);
      }
      if (method !== "POST") return empty(400);
      const { id, method: asked } = JSON.parse(body) as { id?: JsonRpcId; method?: string };
      if (id === undefined) return empty(400);
      if (asked === "initialize") return initialize(id, body, request);
      // A stranger's ping starts nothing, and finds out nothing but that the gateway is there.
      if (asked === "ping") return json(200, JSON.stringify({ jsonrpc: "2.0", id, result: {} }));
      const error = { code: asked === "server/discover" ? -32601 : -32600, message: "Initialize a session first" };
      return json(200, JSON.stringify({ jsonrpc: "2.0", id, error }));
    },
    async close() {
      clearInterval(sweep);
      closed = true;
      await Promise.all([...sessions.keys()].map(end));
    },
  };
}

function events(queue: EventQueue | undefined, id: JsonRpcId | null, sessionId: string, call: CallEnd): UpstreamAnswer {
  if (!queue)
    return json(200, JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32600, message: "The id is in use" } }));
  call.onEnd(() => queue.end());
  const headers = [
    ["content-type", "text/event-stream"],
    ["cache-control", "no-store"],
    ["mcp-session-id", sessionId],
  ] as const;
  return { status: 200, headers, body: queue };
}

/** Rejects once a call is over. */
function endOf(call: CallEnd): Promise<never> {
  return new Promise((_, reject) => call.onEnd(() => reject(new Error("Nobody waits for the answer"))));
}

function json(status: number, text: string): UpstreamAnswer {
  return { status, headers: [["content-type", "application/json"]], body: pieces(text) };
}

function empty(status: number): UpstreamAnswer {
  return { status, headers: [], body: pieces("") };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  if (text !== "") yield new TextEncoder().encode(text);
}
