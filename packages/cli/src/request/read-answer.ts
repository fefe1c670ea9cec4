import { type Probe, readProbe } from "../doctor/probe.ts";
import type { Answered } from "./send-request.ts";

/** What one attested request came to, for machines. */
export interface Answer {
  /** `error`: the server answered with an error that is not about attestation. `no-answer`: there is no MCP answer. */
  readonly outcome: "result" | "refused" | "error" | "no-answer";
  /** Whether the server says that it verified the agent. */
  readonly verified: boolean;
  readonly trustLevel?: string;
  /** HTTP status; absent where nothing was answered. */
  readonly status?: number;
  /** Why nothing was answered, as the platform calls it. */
  readonly code?: string;
  /** The reason of a refusal. */
  readonly reason?: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Reads what one attested request came to. */
export function readAnswer({ exchange, status: state }: Answered): Answer {
  const how = {
    verified: state.status === "verified",
    ...(state.trustLevel !== undefined && { trustLevel: state.trustLevel }),
  };
  if (exchange.outcome === "failed") return { outcome: "no-answer", ...how, code: exchange.code };
  const { message, status } = exchange;
  if (!message) return { outcome: "no-answer", ...how, status };
  if ("result" in message) return { outcome: "result", ...how, status, result: message["result"] };
  const reason = reasonIn(readProbe(exchange));
  const error = message["error"];
  if (reason === undefined) return { outcome: "error", ...how, status, error };
  return { outcome: "refused", ...how, status, reason, error };
}

function reasonIn(probe: Probe) {
  return probe.outcome === "error" ? probe.reason : undefined;
}
