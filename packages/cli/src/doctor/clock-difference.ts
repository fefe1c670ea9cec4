import { HTTP_FIELDS } from "@attest/core";
import type { HttpOutcome } from "./wire-client.ts";

/** How far the server's clock is ahead of this machine's (behind, if negative), and how exactly that is known. Seconds. */
export interface ClockDifference {
  readonly seconds: number;
  readonly uncertainty: number;
}

/**
 * Compares clocks by what an answer says of the time: the guard's own field, else `Date`, which tells whole seconds only and may
 * be a proxy's. `undefined` if it says nothing.
 */
export function clockDifference(exchange: HttpOutcome): ClockDifference | undefined {
  if (exchange.outcome === "failed") return undefined;
  const { headers, sentAt, receivedAt } = exchange;
  const field = headers.get(HTTP_FIELDS.time) ?? "";
  const date = Date.parse(headers.get("date") ?? "");
  const told = /^\d{1,12}$/.test(field) ? Number(field) : date / 1000;
  if (!Number.isFinite(told)) return undefined;
  // The second in the answer had begun somewhere between sending and receiving.
  const here = (sentAt + receivedAt) / 2000;
  const uncertainty = 0.5 + (receivedAt - sentAt) / 2000;
  return { seconds: round(told + 0.5 - here), uncertainty: round(uncertainty) };
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
