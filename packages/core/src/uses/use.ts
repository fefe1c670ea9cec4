import type { Refusal } from "../checks/refusal.ts";
import type { UseFacts } from "../checks/use.ts";
import type { MaybePromise } from "../maybe-promise.ts";

/** What binds a statement to one message. */
export interface Use {
  /** The ordered checks of §6 steps 7 and 8. */
  readonly checks: (given: UseFacts) => MaybePromise<Refusal | UseFacts>;
  /** Whether the statement may be remembered, so that later messages cost only their own checks (T21). */
  readonly remembers: boolean;
}
