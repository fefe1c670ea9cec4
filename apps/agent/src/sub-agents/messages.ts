import type { Reason, TicketEvent } from "@attest/core";

/** What a parent tells a sub-agent once, when it has started it. */
interface Begin {
  readonly type: "begin";
  /** Where it gets its chain. */
  readonly delegations: string;
  /** What it authenticates itself by there. It comes over a channel that nobody else reads, and stands in no environment. */
  readonly secret: string;
  readonly server: string;
  readonly audience: string;
}

/** What a parent asks of a sub-agent. */
export type ToSubAgent =
  | Begin
  | {
      readonly type: "call";
      readonly id: number;
      readonly tool: string;
      readonly args: Readonly<Record<string, unknown>>;
    }
  /** Take another key, and have that delegated to. */
  | { readonly type: "renew" };

/**
 * What came of a call: the server's answer, the reason of its refusal, or `undelegated` where the sub-agent got no chain to
 * call with.
 */
export type CallOutcome =
  | { readonly outcome: "served"; readonly answer: string }
  | { readonly outcome: "refused"; readonly reason: Reason }
  | { readonly outcome: "undelegated" };

/** What a sub-agent tells its parent. */
export type FromSubAgent =
  | { readonly type: "called"; readonly id: number; readonly came: CallOutcome }
  | { readonly type: "failed"; readonly id: number; readonly problem: string }
  | { readonly type: "event"; readonly event: TicketEvent };
