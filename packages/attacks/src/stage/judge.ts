import type { Attack } from "../attack.ts";
import type { Answer } from "../targets/answer.ts";

/** What an answer to an attack comes to. */
export type Verdict =
  | { readonly outcome: "blocked"; readonly intended: boolean; readonly evidence: string }
  | { readonly outcome: "breached" | "inconclusive"; readonly evidence: string };

/** The part of an attack that says how it must end. */
export interface Demand extends Pick<Attack, "expected"> {
  /** HTTP statuses and JSON-RPC numbers that are the right refusal where there is no attestation reason. */
  readonly refusals?: readonly number[];
  /** No answer at all is a refusal too: the message is one that is never answered. */
  readonly silence?: boolean;
  /**
   * The message must not get past the guard: not be served even as that of an unverified agent, nor be answered by what
   * dispatches messages to handlers.
   */
  readonly never?: boolean;
}

/** A server that says it cannot tell, or not now, has shown nothing. */
const UNDECIDED: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** JSON-RPC's refusals of a message's form. */
const MALFORMED: ReadonlySet<number> = new Set([-32600, -32700]);

/** "No such method" and "invalid parameters" come from what dispatches messages, behind any guard. */
const DISPATCHED: ReadonlySet<number> = new Set([-32601, -32602]);

/** Judges one answer, with the honest one next to it. */
export function judge(answer: Answer, control: Answer, demand: Demand): Verdict {
  if (answer.outcome === "served") return judgeServed(answer, control, demand);
  if (answer.outcome === "lost") {
    if (answer.ended) return { outcome: "breached", evidence: "the attack ended the server's process" };
    return demand.silence
      ? { outcome: "blocked", intended: true, evidence: "nothing came back" }
      : { outcome: "inconclusive", evidence: `no answer: ${answer.text}` };
  }
  const told = describe(answer);
  if (answer.reason !== undefined) {
    if (demand.expected.includes(answer.reason)) return { outcome: "blocked", intended: true, evidence: told };
    if (answer.reason === "attestation_unavailable") {
      return { outcome: "inconclusive", evidence: `the target could not decide: ${told}` };
    }
    return { outcome: "blocked", intended: false, evidence: told };
  }
  const numbers = [answer.status, answer.errorNumber].filter((number) => number !== undefined);
  if (numbers.some((number) => demand.refusals?.includes(number))) {
    return { outcome: "blocked", intended: true, evidence: told };
  }
  if (answer.status !== undefined && UNDECIDED.has(answer.status)) {
    return { outcome: "inconclusive", evidence: `the target failed: ${told}` };
  }
  if (demand.never && answer.errorNumber !== undefined && DISPATCHED.has(answer.errorNumber)) {
    return { outcome: "breached", evidence: `the message reached the server's own dispatcher: ${told}` };
  }
  const malformed = answer.errorNumber !== undefined && MALFORMED.has(answer.errorNumber);
  if (malformed || (answer.errorNumber === undefined && (answer.status ?? 0) >= 400)) {
    return { outcome: "blocked", intended: false, evidence: told };
  }
  // An error of the server's own: the message came through to what made it.
  return { outcome: "inconclusive", evidence: `refused without an attestation reason: ${told}` };
}

function judgeServed(answer: Answer, control: Answer, demand: Demand): Verdict {
  if (!demand.never && control.verified === true && answer.verified === false) {
    return { outcome: "blocked", intended: false, evidence: "served, by the target's policy, as an unverified agent" };
  }
  const as = answer.verified === true ? ", and called the attacker verified" : "";
  return { outcome: "breached", evidence: `the target served it${as}: ${describe(answer)}` };
}

/** An answer in a few words. */
export function describe({ outcome, status, reason, code, errorNumber }: Answer): string {
  const parts = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(errorNumber === undefined ? [] : [`error ${errorNumber}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(code === undefined ? [] : [code]),
  ];
  return parts.length > 0 ? parts.join(", ") : outcome;
}
